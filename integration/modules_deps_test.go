package integration

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/build"
	"github.com/dedefer/dedefer/integration/harness"
)

// TestModuleDeps runs the tests of the modules with all that they depend on lowered, but
// for the standard library, by dedefer test. With none, also the standard library is,
// and no test binary may have a function that calls the runtime for a defer statement.
func TestModuleDeps(t *testing.T) {
	if !*depsFlag {
		t.Skip("needs the module proxy and much time: run it with -modules.deps")
	}
	table := newResultTable("module", "tests", "pass", "may differ", "`none`: test binaries", "seconds")
	for _, m := range realModules {
		t.Run(m.name(), func(t *testing.T) {
			start := time.Now()
			m.prepare(t)
			src := m.fetch(t)
			plain := m.goTest(t, copyModule(t, src))
			want := plain.baseline(t)
			native := plain.in(copyModule(t, src))
			native.by = []string{tool, "test", "-scope=deps"}
			passed, differ := m.checkTests(t, plain, native, want)
			binaries := m.buildNone(t, src)
			table.add(m.path, want.passed(), passed, differ, binaries, int(time.Since(start).Seconds()))
		})
	}
	t.Logf("the results:\n\n%s", table)
}

// buildNone builds the tests of all packages, with no defer statement left, and
// returns how many there are. Packages may have the same name, so each is built by itself.
func (m realModule) buildNone(t *testing.T, dir string) (n int) {
	list := harness.Command{Dir: dir, Args: []string{"go", "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}", "./..."}}
	r, err := list.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	for _, path := range strings.Fields(r.Stdout) {
		exe := filepath.Join(out, fmt.Sprint(n))
		c := harness.Command{Dir: dir, Args: []string{tool, "test", "-unwind=none", "-scope=all", "-c", "-o", exe, path}, Limit: time.Hour}
		if _, err := c.RunOK(); err != nil {
			t.Errorf("-unwind=none: %v", err)
			continue
		}
		callers, err := build.DeferCallers(exe)
		if err != nil {
			t.Fatal(err)
		}
		if len(callers) > 0 {
			t.Errorf("%s: defer in %s", path, strings.Join(callers, " "))
		}
		n++
	}
	return n
}
