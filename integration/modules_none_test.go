package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
	"github.com/dedefer/dedefer/integration/unwound"
)

// A noneResult counts the tests that passed before the rewrite.
type noneResult struct {
	passed  int // together with the others of their package
	alone   int // only in a process of their own: others end the package's
	unwound int // do not, and run deferred calls because of a panic or Goexit before the rewrite
	unknown int // do not pass alone before the rewrite either
}

// testNone runs the tests of the module as rewritten with -unwind=none: no
// defer may be left, and it has to build. What passed before has to pass if it
// needs neither a panic nor Goexit to run deferred calls.
func testNone(t *testing.T, before, after, instrumented goTest, want outcomes) (result noneResult) {
	t.Run("none", func(t *testing.T) {
		for _, pos := range defers(t, before.dir, after.dir) {
			t.Errorf("a defer is left: %s", pos)
		}
		if _, err := (harness.Command{Dir: after.dir, Args: []string{"go", "build", "./..."}, Limit: 10 * time.Minute}).RunOK(); err != nil {
			t.Error(err)
		}
		compareVet(t, before.dir, after.dir)
		checkNames(t, before.dir, after.dir)
		after.timeout = 2 * time.Minute // for the deadlocks that a mutex left locked makes
		lost := want.lost(after.run(t))
		result.passed = want.passed() - len(lost)
		if len(lost) > 0 {
			e := explainer{
				before:   instrumented,
				after:    after,
				binaries: make(map[string]pair),
				reasons:  make(map[string]string),
			}
			e.explain(t, lost, &result)
		}
		t.Logf("of %d tests that passed before, %d pass, %d alone, %d run deferred calls because of a panic or Goexit, %d do not pass alone before either",
			want.passed(), result.passed, result.alone, result.unwound, result.unknown)
	})
	return result
}

// instrument is before on a copy of its module that records whether a panic or
// Goexit runs deferred calls.
func (m realModule) instrument(t *testing.T, before goTest) goTest {
	dir := copyModule(t, before.dir)
	const files = "{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}\n{{end}}{{range .CgoFiles}}{{$dir}}/{{.}}\n{{end}}" +
		"{{range .TestGoFiles}}{{$dir}}/{{.}}\n{{end}}{{range .XTestGoFiles}}{{$dir}}/{{.}}\n{{end}}"
	r, err := harness.Command{Dir: dir, Args: []string{"go", "list", "-f", files, "./..."}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	if err := unwound.Instrument(dir, m.path, strings.FieldsFunc(r.Stdout, func(r rune) bool { return r == '\n' })); err != nil {
		t.Fatal(err)
	}
	return before.in(dir)
}

// An explainer finds out why tests fail with -unwind=none. It runs each alone,
// so that none can spoil another.
type explainer struct {
	before, after goTest // before is instrumented
	binaries      map[string]pair
	reasons       map[string]string // by test
}

const cannotTell = "does not pass alone before the rewrite either"

// A pair of the test binaries of one package.
type pair struct{ before, after testBinary }

func (e explainer) explain(t *testing.T, lost []string, result *noneResult) {
	for _, name := range lost {
		reason := e.why(t, name)
		switch reason {
		case "":
			result.alone++
			continue
		case cannotTell:
			result.unknown++
		default:
			result.unwound++
		}
		t.Logf("%s: %s", name, reason)
	}
}

// why is what runs deferred calls in a test before the rewrite; "" if it
// passes after it. A subtest may depend on those before it: where it cannot
// tell, the test around it has to.
func (e explainer) why(t *testing.T, name string) string {
	if reason, ok := e.reasons[name]; ok {
		return reason
	}
	reason := e.find(t, name)
	e.reasons[name] = reason
	return reason
}

func (e explainer) find(t *testing.T, name string) string {
	const (
		tries  = 3 // for tests that depend on timing
		limit  = time.Minute
		locked = 20 * time.Second // what lasts longer waits for a call that did not run
	)
	b := e.build(t, name)
	clean := false // passed before, without a panic or Goexit
	var output string
	for range tries {
		var passed bool
		if passed, output = b.after.alone(name, locked); passed {
			return ""
		}
		record := filepath.Join(t.TempDir(), "unwound")
		if passed, _ = b.before.alone(name, limit, unwound.Env+"="+record); !passed {
			continue // what failed may have called FailNow
		}
		if data, err := os.ReadFile(record); err == nil {
			return strings.TrimSpace(string(data))
		}
		clean = true
	}
	if clean {
		t.Errorf("%s: no panic and no Goexit runs deferred calls before, and it does not pass after:\n%s", name, harness.Clip(output, 30))
		return "unexplained"
	}
	if i := strings.LastIndex(name, "/"); i > strings.Index(name, " ") {
		return e.why(t, name[:i])
	}
	return cannotTell
}

func (e explainer) build(t *testing.T, name string) pair {
	pkg, _, _ := strings.Cut(name, " ")
	b, ok := e.binaries[pkg]
	if !ok {
		b = pair{e.before.build(t, pkg, t.TempDir()), e.after.build(t, pkg, t.TempDir())}
		e.binaries[pkg] = b
	}
	return b
}
