package integration

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// moduleBuilds are the other ways to build a module and run its tests.
var moduleBuilds = []struct {
	name  string
	flags []string
	setUp func(t *testing.T, m realModule, g goTest, want outcomes) goTest // nil: nothing to do
}{
	{name: "race", flags: []string{"-race"}},
	{name: "cover", flags: []string{"-cover"}},
	{name: "unoptimised", flags: []string{"-gcflags=-N -l"}},
	{name: "vendor", flags: []string{"-mod=vendor"}, setUp: vendored},
	{name: "workspace", setUp: inWorkspace},
}

// TestModuleBuilds runs the tests of the rewritten modules in the other ways
// too. What the module as it was passes in the plain way counts, except for
// what it does not pass in that other way.
func TestModuleBuilds(t *testing.T) {
	if !*buildsFlag {
		t.Skip("needs the module proxy and much time: run it with -modules.builds")
	}
	columns := []string{"module", "tests"}
	for _, b := range moduleBuilds {
		columns = append(columns, b.name)
	}
	table := newResultTable(append(columns, "seconds")...)
	for _, m := range realModules {
		t.Run(m.name(), func(t *testing.T) {
			start := time.Now()
			m.prepare(t)
			src := m.fetch(t)
			plain := m.goTest(t, copyModule(t, src)) // tests leave files behind
			want := plain.baseline(t)
			cells := []any{m.path, want.passed()}
			for _, b := range moduleBuilds {
				cell := "-"
				t.Run(b.name, func(t *testing.T) {
					g, want := plain.in(copyModule(t, src)), maps.Clone(want)
					g.flags = b.flags
					if b.setUp != nil {
						g = b.setUp(t, m, g, want)
					}
					native, none := m.rewrite(t, g, "native"), m.rewrite(t, g, "none")
					passed, _ := m.checkTests(t, g, native, want)
					if _, err := none.command("-run=^$").RunOK(); err != nil {
						t.Errorf("-unwind=none: %v", err)
					}
					cell = fmt.Sprintf("%d of %d", passed, want.passed())
				})
				cells = append(cells, cell)
			}
			table.add(append(cells, int(time.Since(start).Seconds()))...)
		})
	}
	t.Logf("the results:\n\n%s", table)
}

// vendored gives the module a vendor directory.
func vendored(t *testing.T, m realModule, g goTest, want outcomes) goTest {
	if _, err := (harness.Command{Dir: g.dir, Args: []string{"go", "mod", "vendor"}}).RunOK(); err != nil {
		t.Fatal(err)
	}
	return g
}

// inWorkspace puts the module in a workspace, and adds the tests of another
// module of the workspace, which uses it.
func inWorkspace(t *testing.T, m realModule, g goTest, want outcomes) goTest {
	const user = "example.com/user"
	parent, dir := filepath.Split(g.dir)
	for name, text := range map[string]string{
		"go.work":           "go 1.26.0\n\nuse (\n\t./" + dir + "\n\t./user\n)\n",
		"user/go.mod":       "module " + user + "\n\ngo 1.26.0\n",
		"user/user_test.go": "package user\n\nimport (\n\t\"testing\"\n\n\t_ \"" + m.importable(t, g.dir) + "\"\n)\n\nfunc TestUser(*testing.T) {}\n",
	} {
		if err := writeFile(parent, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	want[user+" TestUser"] = "pass"
	g.packages = append(slices.Clone(g.packages), user)
	g.env = []string{"GOWORK=auto"}
	return g
}

// importable is a package of m that other modules can import.
func (m realModule) importable(t *testing.T, dir string) string {
	r, err := harness.Command{Dir: dir, Args: []string{"go", "list", "-f", `{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}`, "./..."}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range strings.Fields(r.Stdout) {
		if !strings.Contains(pkg+"/", "/internal/") {
			return pkg
		}
	}
	t.Fatal("no package to import")
	return ""
}
