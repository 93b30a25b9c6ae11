package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/integration/harness"
)

// A benchmark is a function of package driver.
type benchmark struct {
	Name   string
	File   string // of package driver, and that of fn where the functions are
	Panics bool
	Sites  int // how many an operation passes, on average
	Runs   int // of an operation in each round, or 0 for as many as take the time of a round
}

// A variant is a module with the functions in one of the ways that are
// compared.
type variant struct {
	Name   string
	panics bool   // has the benchmarks that panic
	fn     string // the directory in testdata of its package fn
	flags  string // with which the tool lowers it, "" where it does not
}

var variants = []variant{
	{"native", true, "fn", ""},
	{"lowered", true, "fn", "-unwind=native"},
	{"keep", true, "fn", "-unwind=native -keep"},
	{"none", false, "fn", "-unwind=none"},
	{"hand", false, "hand", ""},
	{"nothing", true, "nothing", ""},
}

func (v variant) has(b benchmark) bool { return v.panics || !b.Panics }

// A suite is all variants, below one directory.
type suite struct {
	dir        string
	benchmarks []benchmark
}

func (s *suite) module(v variant) string { return filepath.Join(s.dir, v.Name) }

func (s *suite) exe(v variant) string {
	return filepath.Join(s.dir, harness.Exe(v.Name+".test"))
}

// newSuite makes the variants in dir, with the benchmarks that match only.
func newSuite(dir string, only *regexp.Regexp) (*suite, error) {
	root, err := harness.ModuleRoot()
	if err != nil {
		return nil, err
	}
	testdata := filepath.Join(root, "integration", "bench", "testdata")
	s := &suite{dir: dir}
	if s.benchmarks, err = list(filepath.Join(testdata, "driver")); err != nil {
		return nil, err
	}
	tool, err := harness.BuildTool(root, dir)
	if err != nil {
		return nil, err
	}
	for _, v := range variants {
		if err := s.make(v, testdata, tool); err != nil {
			return nil, fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	s.benchmarks = slices.DeleteFunc(s.benchmarks, func(b benchmark) bool { return !only.MatchString(b.Name) })
	if len(s.benchmarks) == 0 {
		return nil, errors.New("no benchmark matches")
	}
	return s, nil
}

// list finds the benchmarks in package driver.
func list(dir string) ([]benchmark, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []benchmark
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.IsExported() {
				all = append(all, benchmark{
					Name:   fn.Name.Name,
					File:   filepath.Base(name),
					Panics: strings.HasPrefix(fn.Name.Name, "Panic"),
					Sites:  directive(fn, "sites", 1),
					Runs:   directive(fn, "runs", 0),
				})
			}
		}
	}
	return all, nil
}

// directive returns the number in the line "//bench:sites 31" of a comment, or what is
// to be without it.
func directive(fn *ast.FuncDecl, name string, without int) int {
	for _, c := range fn.Doc.List {
		if text, ok := strings.CutPrefix(c.Text, "//bench:"+name+" "); ok {
			if n, err := strconv.Atoi(text); err == nil {
				return n
			}
		}
	}
	return without
}

// make makes the module of a variant and its test binary. For lowered variants
// the tool works on a copy, as testdata holds more than the module.
func (s *suite) make(v variant, testdata, tool string) error {
	dir := s.module(v)
	src := dir
	if v.flags != "" {
		src += "-src"
		defer os.RemoveAll(src)
	}
	for _, from := range []string{"env", "driver", v.fn} {
		to := from
		if from == v.fn {
			to = "fn"
		}
		if err := os.CopyFS(filepath.Join(src, to), os.DirFS(filepath.Join(testdata, from))); err != nil {
			return err
		}
	}
	if err := copyFile(filepath.Join(src, "go.mod"), filepath.Join(testdata, "go.mod")); err != nil {
		return err
	}
	if v.flags != "" {
		args := slices.Concat([]string{tool, "rewrite"}, strings.Fields(v.flags), []string{"-o", dir, "./..."})
		if _, err := (harness.Command{Dir: src, Args: args}).RunOK(); err != nil {
			return err
		}
	} else if err := s.removeMissing(v); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "driver", "driver_test.go"), []byte(s.testFile(v)), 0o666); err != nil {
		return err
	}
	_, err := harness.Command{Dir: dir, Args: []string{"go", "test", "-c", "-o", s.exe(v), "./driver"}}.RunOK()
	return err
}

// removeMissing removes the driver's files for functions that v does not have.
func (s *suite) removeMissing(v variant) error {
	for _, b := range s.benchmarks {
		if v.has(b) {
			continue
		}
		if err := os.Remove(filepath.Join(s.module(v), "driver", b.File)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// testFile is the text of a test of package driver, with all benchmarks of v,
// and a test that prints what each comes to.
func (s *suite) testFile(v variant) string {
	var benchmarks, values strings.Builder
	for _, b := range s.benchmarks {
		if v.has(b) {
			fmt.Fprintf(&benchmarks, "\nfunc Benchmark%[1]s(b *testing.B) { measure(b, %[1]s) }\n", b.Name)
			fmt.Fprintf(&values, "\tfmt.Println(%[1]q, %[1]s(100))\n", b.Name)
		}
	}
	return testHead + benchmarks.String() + "\nfunc TestValues(*testing.T) {\n" + values.String() + "}\n"
}

// A benchmark's time is that of the processor, which other programs that run
// disturb less.
const testHead = `package driver

import (
	"fmt"
	"testing"

	"bench/env"
)

var sink uint64

func measure(b *testing.B, f func(n int) uint64) {
	b.ReportAllocs()
	start := env.CPU()
	sink = f(b.N)
	b.ReportMetric(float64(env.CPU()-start)/float64(b.N), "ns/op")
}
`

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}
