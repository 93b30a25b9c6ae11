package integration

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

// A caseGroup is cases for one version of Go that share a module, each a package
// of it: one run of dedefer and of go build serves all of them.
type caseGroup struct {
	dir      string
	mod      string // its go.mod
	programs []program
	builds   map[string]func() error // rewrites and builds the group, once for each mode
	told     sync.Once               // that it cannot be built
}

// caseGroups are the groups by what their go.mod says behind the module's path.
type caseGroups struct {
	dir    string
	groups map[string]*caseGroup
}

// simple reports whether p does the same whatever its module is: it is one package
// of plain files.
func (p program) simple() bool {
	entries, err := os.ReadDir(p.src)
	for _, e := range entries {
		if e.IsDir() {
			return false
		}
	}
	return err == nil && !p.cgo
}

// join adds p to the group that it belongs to.
func (gs *caseGroups) join(p program) *caseGroup {
	mod, err := os.ReadFile(filepath.Join(p.src, "go.mod"))
	if err != nil {
		return nil
	}
	_, rest, ok := strings.Cut(string(mod), "\n")
	if !ok {
		return nil
	}
	g := gs.groups[rest]
	if g == nil {
		if gs.groups == nil {
			gs.groups = make(map[string]*caseGroup)
		}
		g = &caseGroup{
			dir:    filepath.Join(gs.dir, fmt.Sprint(len(gs.groups))),
			mod:    "module example.com/cases\n" + rest,
			builds: make(map[string]func() error),
		}
		for _, m := range modes {
			g.builds[m.name] = sync.OnceValue(func() error { return g.build(m) })
		}
		gs.groups[rest] = g
	}
	g.programs = append(g.programs, p)
	return g
}

func (gs *caseGroups) count() (n int) {
	for _, g := range gs.groups {
		n += len(g.programs)
	}
	return n
}

// build writes the programs that are for mode m into a module, rewrites it, checks
// the copy, and builds it.
func (g *caseGroup) build(m mode) error {
	src, out, bin := g.path(m, "src"), g.path(m, "out"), g.path(m, "bin")
	if err := writeFile(src, "go.mod", []byte(g.mod)); err != nil {
		return err
	}
	if err := os.MkdirAll(bin, 0o777); err != nil {
		return err
	}
	for _, p := range g.programs {
		if !p.in(m) {
			continue
		}
		to := filepath.Join(src, p.name)
		if err := os.CopyFS(to, os.DirFS(p.src)); err != nil {
			return err
		}
		if err := os.Remove(filepath.Join(to, "go.mod")); err != nil {
			return err
		}
	}
	if _, err := rewrite(src, append(m.flags, "-o", out)...); err != nil {
		return err
	}
	err := errors.Join(defersLeft(m, src, out), unformatted(src, out), changes(m, out))
	_, failed := harness.Command{Dir: out, Args: []string{"go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", bin, "./..."}}.RunOK()
	return errors.Join(err, failed)
}

func (g *caseGroup) path(m mode, name string) string { return filepath.Join(g.dir, m.name, name) }

// test tests p as part of the group. It reports whether the group could be built.
func (g *caseGroup) test(t *testing.T, p program, m mode) bool {
	t.Helper()
	if err := g.builds[m.name](); err != nil {
		g.told.Do(func() { t.Errorf("together with others: %v", err) })
		return false
	}
	diff, err := run(filepath.Join(g.path(m, "out"), p.name), filepath.Join(g.path(m, "bin"), harness.Exe(p.name)), p)
	if err != nil {
		t.Error(err)
	}
	if diff != "" {
		t.Error(diff)
	}
	return true
}
