package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A task makes one file of the mirror.
type task struct {
	name string   // of the file, below the destination
	from []string // the files that it is made from
	kind string   // "copied", "expanded" or "joined"
	mode fs.FileMode
}

// A Report collects the outcome of every task.
type Report struct {
	mu    sync.Mutex
	lines []string
	bytes int64
}

func (r *Report) add(t task, outcome string, size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%-20s %s, %d bytes", t.name, outcome, size))
	r.bytes += size
}

// Print writes the report, in an order that does not depend on which worker
// was first.
func (r *Report) Print(w io.Writer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.lines)
	for _, line := range r.lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d files, %d bytes\n", len(r.lines), r.bytes)
	return err
}

// Mirror brings dst up to date with src. Its error joins those of all files
// that failed.
func Mirror(src, dst string, workers int, report *Report) (err error) {
	unlock, err := lockDir(dst)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()

	vars, err := readVars(filepath.Join(src, "vars"))
	if err != nil {
		return err
	}
	tasks, err := plan(src)
	if err != nil {
		return err
	}
	m := mirror{dst: dst, vars: vars, report: report}
	errs := make([]error, len(tasks))
	parallel(workers, len(tasks), func(i int) {
		errs[i] = m.do(tasks[i])
	})
	return errors.Join(errs...)
}

// parallel calls do(0) to do(n-1) from several goroutines and waits for them.
func parallel(workers, n int, do func(int)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	queue := make(chan int)
	defer close(queue)
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range queue {
				do(i)
			}
		}()
	}
	for i := range n {
		queue <- i
	}
}

// plan lists what there is to do for the files of src, sorted by name.
func plan(src string) ([]task, error) {
	tasks := make(map[string]*task)
	err := filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		t := task{name: filepath.ToSlash(name), kind: "copied", mode: info.Mode().Perm()}
		if base, ok := strings.CutSuffix(t.name, ".tmpl"); ok {
			t.name, t.kind = base, "expanded"
		} else if base, _, ok := strings.Cut(t.name, ".part"); ok {
			t.name, t.kind = base, "joined"
		}
		if tasks[t.name] == nil {
			tasks[t.name] = &t
		}
		tasks[t.name].from = append(tasks[t.name].from, path)
		return nil
	})
	var sorted []task
	for _, t := range tasks {
		sorted = append(sorted, *t)
	}
	slices.SortFunc(sorted, func(a, b task) int { return strings.Compare(a.name, b.name) })
	return sorted, err
}

// A mirror does tasks; several goroutines may use it.
type mirror struct {
	dst    string
	vars   map[string]string
	report *Report

	mu   sync.Mutex
	dirs map[string]*sync.Mutex // one writer at a time in each directory
}

func (m *mirror) lockOf(dir string) *sync.Mutex {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dirs == nil {
		m.dirs = make(map[string]*sync.Mutex)
	}
	if m.dirs[dir] == nil {
		m.dirs[dir] = new(sync.Mutex)
	}
	return m.dirs[dir]
}

// do makes one file. Whatever goes wrong in it, a bug in the expansion of
// templates included, ends as the error of this one file.
func (m *mirror) do(t task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", t.name, err)
		}
	}()
	dst := filepath.Join(m.dst, filepath.FromSlash(t.name))
	lock := m.lockOf(filepath.Dir(dst))
	lock.Lock()
	defer lock.Unlock()

	outcome := t.kind
	size, changed, err := m.write(dst, t)
	if err != nil {
		return err
	}
	if !changed {
		outcome = "unchanged"
	}
	m.report.add(t, outcome, size)
	return nil
}

func (m *mirror) write(dst string, t task) (size int64, changed bool, err error) {
	var inputs []io.Reader
	for _, name := range t.from {
		f, err := os.Open(name)
		if err != nil {
			return 0, false, err
		}
		defer f.Close() // at the end: they are read one after the other below
		inputs = append(inputs, f)
	}
	in := io.MultiReader(inputs...)
	if t.kind == "expanded" {
		text, err := io.ReadAll(in)
		if err != nil {
			return 0, false, err
		}
		expanded, err := expand(string(text), m.vars)
		if err != nil {
			return 0, false, err
		}
		in = strings.NewReader(expanded)
	}
	return replaceFile(dst, in, t.mode)
}
