package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/integration/harness"
)

// A size is that of the functions of one file in one variant, in bytes.
type size struct {
	Code  int    // of all functions, literals included
	Frame int    // the largest
	Text  uint64 // of a program that has only these functions
}

// sizes returns those of the selected benchmarks, by the names of their files.
func (s *suite) sizes() (map[cell]size, error) {
	sizes := make(map[cell]size)
	for _, v := range variants {
		list, err := s.listing(v)
		if err != nil {
			return nil, err
		}
		for _, file := range s.files() {
			sz, ok := list[file]
			if !ok {
				continue // a function that v does not have
			}
			if v.Name == "none" || v.Name == "native" {
				if sz.Text, err = s.text(v, file); err != nil {
					return nil, fmt.Errorf("%s, %s: %w", v.Name, file, err)
				}
			}
			sizes[cell{file, v.Name}] = sz
		}
	}
	return sizes, nil
}

func (s *suite) files() (files []string) {
	for _, b := range s.benchmarks {
		files = append(files, b.File)
	}
	return slices.Compact(files)
}

var (
	symbolLine   = regexp.MustCompile(`^(\S.*) STEXT .*\bsize=(\d+) .*\blocals=0x([0-9a-f]+)`)
	positionLine = regexp.MustCompile(`^\t0x0000 00000 \((.*):\d+\)\tTEXT\t`)
)

// listing adds up what the compiler says about the functions of each file in
// package fn. Generic ones are compiled where they are used, in package driver.
func (s *suite) listing(v variant) (map[string]size, error) {
	args := []string{"go", "build", "-gcflags=bench/...=-S", "./fn", "./driver"}
	r, err := harness.Command{Dir: s.module(v), Args: args}.RunOK()
	if err != nil {
		return nil, err
	}
	sizes := make(map[string]size)
	seen := make(map[string]bool)
	var symbol []string
	for line := range strings.Lines(r.Stderr) {
		if m := symbolLine.FindStringSubmatch(line); m != nil {
			symbol = m
			continue
		}
		m := positionLine.FindStringSubmatch(line)
		if m == nil || filepath.Base(filepath.Dir(m[1])) != "fn" || seen[symbol[1]] {
			continue
		}
		seen[symbol[1]] = true
		code, err := strconv.Atoi(symbol[2])
		if err != nil {
			return nil, err
		}
		frame, err := strconv.ParseInt(symbol[3], 16, 0)
		if err != nil {
			return nil, err
		}
		file := filepath.Base(m[1])
		sz := sizes[file]
		sizes[file] = size{Code: sz.Code + code, Frame: max(sz.Frame, int(frame))}
	}
	return sizes, nil
}

// text builds a program of one file's benchmarks, for Linux wherever this
// runs, and returns the size of its text section.
func (s *suite) text(v variant, file string) (uint64, error) {
	dir, err := os.MkdirTemp(s.dir, "text")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := s.oneFile(v, file, dir); err != nil {
		return 0, err
	}
	exe := filepath.Join(dir, "program")
	args := []string{"go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", exe, "."}
	if _, err := (harness.Command{Dir: dir, Args: args, Env: []string{"GOOS=linux"}}).RunOK(); err != nil {
		return 0, err
	}
	f, err := elf.Open(exe)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Section(".text").Size, nil
}

// oneFile makes a program of v's module with one file's benchmarks.
func (s *suite) oneFile(v variant, file, dir string) error {
	module := s.module(v)
	for _, pkg := range []string{"env", "internal"} {
		from := filepath.Join(module, pkg)
		if _, err := os.Stat(from); err != nil {
			continue // no runtime is needed
		}
		if err := os.CopyFS(filepath.Join(dir, pkg), os.DirFS(from)); err != nil {
			return err
		}
	}
	for _, name := range []string{"go.mod", "fn/" + file, "driver/" + file} {
		name = filepath.FromSlash(name)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(dir, name), filepath.Join(module, name)); err != nil {
			return err
		}
	}
	var calls strings.Builder
	for _, b := range s.benchmarks {
		if b.File == file {
			fmt.Fprintf(&calls, "\tdriver.%s(1)\n", b.Name)
		}
	}
	text := "package main\n\nimport \"bench/driver\"\n\nfunc main() {\n" + calls.String() + "}\n"
	return os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o666)
}
