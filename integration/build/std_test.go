package build

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestStdNone builds the tests of packages of the standard library with -unwind=none,
// without a defer statement in any package but the Go runtime, and runs them. A test that
// is lost is run again by itself: a panic has to be what ends it.
func TestStdNone(t *testing.T) {
	if *stdNoneFlag == "" {
		t.Skip("only with -std.none")
	}
	m := &module{t: t, dir: t.TempDir()}
	packages := strings.Split(*stdNoneFlag, ",")
	if *stdNoneFlag == "all" {
		packages = allOfStd(m)
	}
	src := filepath.Join(strings.TrimSpace(m.ok("go", "env", "GOROOT").Stdout), "src")
	var sum stdNone
	for _, path := range packages {
		got := runStdNone(m, path, filepath.Join(src, filepath.FromSlash(path)))
		sum.tests += got.tests
		sum.alone += got.alone
		sum.unwound += got.unwound
	}
	t.Logf("%d packages: %v", len(packages), sum)
}

// allOfStd returns the packages of the standard library that have tests, without those that the
// Go runtime is made of.
func allOfStd(m *module) (paths []string) {
	below := strings.Fields(m.ok("go", "list", "-deps", "runtime").Stdout)
	withTests := m.ok("go", "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}", "std")
	for _, path := range strings.Fields(withTests.Stdout) {
		if !slices.Contains(below, path) && !strings.HasPrefix(path, "vendor/") {
			paths = append(paths, path)
		}
	}
	return paths
}

// A stdNone is what came of tests that pass before.
type stdNone struct {
	tests   int
	alone   int // pass when run by themselves, as another ends the process
	unwound int // end in a panic
}

func (n stdNone) String() string {
	return fmt.Sprintf("of %d tests %d pass, %d of these alone, %d end in a panic", n.tests, n.tests-n.unwound, n.alone, n.unwound)
}

var (
	// What a test says that passes.
	passLine = regexp.MustCompile(`(?m)^--- PASS: (\S+)`)

	// How a process ends in which a panic is not recovered, or in which a goroutine that ends
	// by runtime.Goexit tells nobody, as testing.T.Skip does ("panic: test timed out", or "test timed
	// out while running command" where that happens in a process that the test starts).
	noUnwinding = regexp.MustCompile(`panic: |fatal error: |SIG[A-Z]+: |test timed out while running command`)
)

// runStdNone runs the tests of one package, whose source is in dir.
func runStdNone(m *module, path, dir string) (n stdNone) {
	want := passing(m.run("go", "test", "-short", "-v", path).Stdout)
	exe := filepath.Join(m.t.TempDir(), "exe")
	if r := m.run(all.command("test", "-c", "-o", exe, path)...); r.Exit != 0 {
		m.t.Errorf("%s: %s", path, r.Stderr)
		return n
	}
	n.tests = len(want)
	if n.tests == 0 {
		return n
	}
	if got := callers(m.t, exe); len(got) > 0 {
		m.t.Errorf("%s: %d functions call the runtime for a defer statement:\n%s", path, len(got), strings.Join(got, "\n"))
	}
	run := func(names ...string) (harness.Result, error) {
		args := []string{exe, "-test.short", "-test.v", "-test.timeout=1m", "-test.run=^(" + strings.Join(names, "|") + ")$"}
		return harness.Command{Dir: dir, Args: args, Limit: time.Hour}.Run()
	}
	r, err := run(want...)
	if err != nil {
		m.t.Fatal(err)
	}
	got := passing(r.Stdout)
	lost := slices.DeleteFunc(slices.Clone(want), func(name string) bool { return slices.Contains(got, name) })
	results := make([]harness.Result, len(lost))
	var g errgroup.Group
	g.SetLimit(8) // many wait until they are stopped
	for i, name := range lost {
		g.Go(func() (err error) {
			results[i], err = run(name)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		m.t.Fatal(err)
	}
	for i, name := range lost {
		switch r := results[i]; {
		case slices.Contains(passing(r.Stdout), name):
			n.alone++
		case noUnwinding.MatchString(r.Stdout + r.Stderr):
			n.unwound++
		default:
			m.t.Errorf("%s: %s fails, and nothing panics\n%s", path, name, harness.Clip(r.Stdout+r.Stderr, 40))
		}
	}
	m.t.Logf("%s: %v", path, n)
	return n
}

// passing returns the tests that pass, without subtests.
func passing(output string) (names []string) {
	for _, match := range passLine.FindAllStringSubmatch(output, -1) {
		names = append(names, match[1])
	}
	return names
}
