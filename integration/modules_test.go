package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// A realModule is rewritten and must then pass the tests that it passed
// before. The maps have the reason as their value.
type realModule struct {
	kind, path, version string
	cgo                 bool              // needs a C compiler
	env                 []string          // for all commands
	timed               bool              // compare the time of a rewrite with that of go vet
	lines               string            // why it is rewritten with -lines, if it is
	leave               map[string]string // packages whose tests are not run, by their path in the module
	differ              map[string]string // tests that may fail after the rewrite ("package Test"); the module is "."
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// name is short and without slashes, so that -run can select it.
func (m realModule) name() string {
	return strings.TrimPrefix(path.Base(majorVersion.ReplaceAllString(m.path, "")), "go.")
}

// rewrite writes a rewritten copy of the module that g tests to a new
// directory. It returns the run of its tests.
func (m realModule) rewrite(t *testing.T, g goTest, unwind string) goTest {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	args := []string{tool, "rewrite", "-unwind=" + unwind, "-o", out}
	if m.lines != "" {
		args = append(args, "-lines")
	}
	r, err := harness.Command{Dir: g.dir, Env: g.env, Args: append(args, "./...")}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("rewritten in %.1fs, peak memory of the largest process %d MB", r.Elapsed.Seconds(), r.MaxRSS>>20)
	return g.in(out)
}

func TestModules(t *testing.T) {
	if !*modulesFlag {
		t.Skip("needs the module proxy and much time: run it with -modules")
	}
	table := newResultTable("module", "kind", "defers", "left", "tests", "pass", "may differ",
		"`none`: pass", "alone", "unwound", "unknown", "seconds")
	for _, m := range realModules {
		t.Run(m.name(), func(t *testing.T) {
			start := time.Now()
			m.prepare(t)
			src := m.fetch(t)
			before := m.goTest(t, src)
			// Tests leave files behind: all copies are made before any runs.
			rewritten := m.rewrite(t, before, "native")
			rewrittenNone := m.rewrite(t, before, "none")
			instrumented := m.instrument(t, before)
			want := before.baseline(t)
			native := m.testNative(t, before, rewritten, want)
			none := testNone(t, before, rewrittenNone, instrumented, want)
			if m.timed {
				timeAgainstVet(t, src, vetLimits{time: 2, memory: 2})
			}
			if native.defersBefore == 0 || none == (noneResult{}) {
				return // -run has selected one of them
			}
			table.add(m.path+" "+m.version, m.kind, native.defersBefore, native.defersLeft,
				want.passed(), native.passed, native.differ, none.passed, none.alone, none.unwound, none.unknown,
				int(time.Since(start).Seconds()))
		})
	}
	t.Logf("the results:\n\n%s", table)
}

// prepare sets the environment, or skips the test of m where this system
// cannot run it.
func (m realModule) prepare(t *testing.T) {
	if m.cgo && !cgoWorks(t) {
		t.Skip("needs cgo and a C compiler")
	}
	for _, kv := range m.env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
}

// fetch downloads m and returns a copy that can be written to, with all that
// its tests need downloaded and built.
func (m realModule) fetch(t *testing.T) string {
	r, err := harness.Command{Dir: t.TempDir(), Args: []string{"go", "mod", "download", "-json", m.path + "@" + m.version}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	var info struct{ Dir string }
	if err := json.Unmarshal([]byte(r.Stdout), &info); err != nil {
		t.Fatal(err)
	}
	src := copyModule(t, info.Dir)
	buildForTests(t, src)
	return src
}

func buildForTests(t *testing.T, dir string) {
	list := []string{"go", "list", "-buildvcs=false", "-export", "-test", "-deps", "-f", "{{with .Error}}{{.}}{{end}}", "./..."}
	if _, err := (harness.Command{Dir: dir, Args: list, Limit: 10 * time.Minute}).RunOK(); err != nil {
		t.Fatal(err)
	}
}

// goTest is how the tests of m in dir are run.
func (m realModule) goTest(t *testing.T, dir string) goTest {
	r, err := harness.Command{Dir: dir, Args: []string{"go", "list", "./..."}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	g := goTest{dir: dir}
	left := maps.Clone(m.leave)
	for _, pkg := range strings.Fields(r.Stdout) {
		rel := m.relative(pkg)
		if reason, ok := left[rel]; ok {
			t.Logf("left out: the tests of %s: %s", rel, reason)
			delete(left, rel)
			continue
		}
		g.packages = append(g.packages, pkg)
	}
	for rel := range left {
		t.Errorf("there is no package %s to leave out", rel)
	}
	return g
}

func (m realModule) relative(pkg string) string {
	if pkg == m.path {
		return "."
	}
	return strings.TrimPrefix(pkg, m.path+"/")
}

type nativeResult struct {
	defersBefore, defersLeft int
	passed, differ           int
}

// testNative runs the tests of the module as rewritten with -unwind=native.
func (m realModule) testNative(t *testing.T, before, after goTest, want outcomes) (result nativeResult) {
	t.Run("native", func(t *testing.T) {
		result.defersBefore, result.defersLeft = len(defers(t, before.dir, before.dir)), len(defers(t, before.dir, after.dir))
		compareVet(t, before.dir, after.dir)
		checkNames(t, before.dir, after.dir)
		result.passed, result.differ = m.checkTests(t, before, after, want)
	})
	return result
}

func defers(t *testing.T, src, out string) []string {
	found, err := harness.DefersLeft(src, out)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// checkTests runs the tests of the rewritten module, and returns how many of
// those in want pass, and how many fail as expected. Some tests depend on
// timing: what fails is tried again, before the rewrite too, and does not
// count if it fails there.
func (m realModule) checkTests(t *testing.T, before, after goTest, want outcomes) (passed, differ int) {
	t.Helper()
	const tries = 3
	got := after.run(t)
	for range tries - 1 {
		failed := m.unexpected(want.lost(got))
		if len(failed) == 0 {
			break
		}
		t.Logf("trying again: %s", strings.Join(failed, ", "))
		again := before.only(failed).run(t)
		for _, name := range failed {
			if again[name] != "pass" {
				t.Logf("%s: does not always pass before the rewrite", name)
				delete(want, name)
			}
		}
		if failed = m.unexpected(want.lost(got)); len(failed) > 0 {
			got.improve(after.only(failed).run(t))
		}
	}
	lost := want.lost(got)
	for _, name := range lost {
		if reason, ok := m.differ[m.short(name)]; ok {
			differ++
			t.Logf("%s: %q after the rewrite, as expected: %s", name, got[name], reason)
			continue
		}
		t.Errorf("%s: passed before, %q after the rewrite\n%s", name, got[name], harness.Clip(after.output(t, name), 30))
	}
	t.Logf("before: %s", want)
	t.Logf("after:  %s", got)
	return want.passed() - len(lost), differ
}

// short is the name of a test as it stands in the table.
func (m realModule) short(name string) string {
	pkg, test, _ := strings.Cut(name, " ")
	return m.relative(pkg) + " " + test
}

// unexpected lists those of the failed tests that should not differ.
func (m realModule) unexpected(failed []string) []string {
	return slices.DeleteFunc(slices.Clone(failed), func(name string) bool {
		_, ok := m.differ[m.short(name)]
		return ok
	})
}

var vetPosition = regexp.MustCompile(`^(?:.*[/\\])?([^/\\]+\.go):[0-9]+:[0-9]+: `)

// compareVet checks that go vet says nothing about out that it does not say
// about src, in whatever line.
func compareVet(t *testing.T, src, out string) {
	known := make(map[string]int)
	for _, msg := range vet(t, src) {
		known[msg]++
	}
	for _, msg := range vet(t, out) {
		if known[msg]--; known[msg] < 0 {
			t.Errorf("go vet after the rewrite: %s", msg)
		}
	}
}

func vet(t *testing.T, dir string) []string {
	r, err := harness.Command{Dir: dir, Args: []string{"go", "vet", "./..."}, Limit: 10 * time.Minute}.Run()
	if err != nil {
		t.Fatal(err)
	}
	var msgs []string
	for line := range strings.Lines(r.Stderr) {
		if !strings.HasPrefix(line, "#") {
			msgs = append(msgs, vetPosition.ReplaceAllString(strings.TrimSpace(line), "$1: "))
		}
	}
	return msgs
}

// A resultTable is a table of Markdown.
type resultTable struct {
	b strings.Builder
}

func newResultTable(columns ...string) *resultTable {
	r := new(resultTable)
	for _, c := range columns {
		fmt.Fprintf(&r.b, "| %s ", c)
	}
	r.b.WriteString("|\n")
	r.b.WriteString(strings.Repeat("| --- ", len(columns)) + "|\n")
	return r
}

func (r *resultTable) add(cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(&r.b, "| %v ", c)
	}
	r.b.WriteString("|\n")
}

func (r *resultTable) String() string { return r.b.String() }
