package integration

import (
	"bufio"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// A goTest is a run of go test on packages of the module in dir.
type goTest struct {
	dir        string
	packages   []string // import paths
	flags, env []string
	timeout    time.Duration // of each package; 0: ten minutes
	by         []string      // what runs them; nil: go test
}

// in is the same run on another copy of the module.
func (g goTest) in(dir string) goTest {
	g.dir = dir
	return g
}

// only is the run of the packages that the tests are in.
func (g goTest) only(tests []string) goTest {
	g.packages = nil
	for _, name := range tests {
		pkg, _, _ := strings.Cut(name, " ")
		g.packages = append(g.packages, pkg)
	}
	slices.Sort(g.packages)
	g.packages = slices.Compact(g.packages)
	return g
}

func (g goTest) command(flags ...string) harness.Command {
	timeout := g.timeout
	if timeout == 0 {
		timeout = 30 * time.Minute
	}
	args := g.by
	if args == nil {
		args = []string{"go", "test"}
	}
	args = slices.Concat(args, []string{"-short", "-count=1", "-timeout=" + timeout.String()}, g.flags, flags)
	return harness.Command{
		Dir:   g.dir,
		Env:   g.env,
		Args:  append(args, g.packages...),
		Limit: 3 * time.Hour,
	}
}

// outcomes has "pass", "fail" or "skip" for each "package Test".
type outcomes map[string]string

// address is what differs from run to run in the names of some tests.
var address = regexp.MustCompile(`0x[0-9a-f]{6,}`)

const anyAddress = "0xADDRESS" // stands for it

// run runs the tests. A package that does not build is an error.
func (g goTest) run(t *testing.T) outcomes {
	t.Helper()
	result, _ := g.runAll(t)
	return result
}

// baseline is run for the module as it was. A package that fails is run once
// more: a test that may end its process would hide the others.
func (g goTest) baseline(t *testing.T) outcomes {
	t.Helper()
	result, failed := g.runAll(t)
	if len(failed) == 0 {
		return result
	}
	g.packages = failed
	for name, outcome := range g.run(t) {
		if result[name] != "fail" {
			result[name] = outcome
		}
	}
	return result
}

// runAll returns the packages that failed, too.
func (g goTest) runAll(t *testing.T) (result outcomes, failed []string) {
	t.Helper()
	r, err := g.command("-json").Run()
	if err != nil {
		t.Fatal(err)
	}
	result = make(outcomes)
	lines := bufio.NewScanner(strings.NewReader(r.Stdout))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var event struct{ Action, ImportPath, Package, Test, Output string }
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatalf("go test -json: %v\n%s", err, harness.Clip(lines.Text()+"\n"+r.Stderr, 10))
		}
		switch event.Action {
		case "build-output":
			t.Log(strings.TrimSuffix(event.Output, "\n"))
		case "build-fail":
			t.Errorf("%s does not build", event.ImportPath)
		case "pass", "fail", "skip":
			if event.Test != "" {
				name := address.ReplaceAllString(event.Test, anyAddress)
				result[event.Package+" "+name] = event.Action
			} else if event.Action == "fail" {
				failed = append(failed, event.Package)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(result) == 0 {
		t.Fatalf("no test ran:\n%s", harness.Clip(r.Stdout+r.Stderr, 20))
	}
	return result, failed
}

// output is what one test says when it is run alone.
func (g goTest) output(t *testing.T, name string) string {
	r, err := g.only([]string{name}).command("-v", "-run="+runPattern(name)).Run()
	if err != nil {
		return err.Error()
	}
	return r.Stdout + r.Stderr
}

// runPattern selects the test or subtest of name.
func runPattern(name string) string {
	_, test, _ := strings.Cut(name, " ")
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + strings.ReplaceAll(regexp.QuoteMeta(part), anyAddress, address.String()) + "$"
	}
	return strings.Join(parts, "/")
}

// lost lists the tests that pass in o and not in after.
func (o outcomes) lost(after outcomes) []string {
	var names []string
	for name, outcome := range o {
		if outcome == "pass" && after[name] != "pass" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// improve takes over what passes in again.
func (o outcomes) improve(again outcomes) {
	for name, outcome := range again {
		if outcome == "pass" {
			o[name] = outcome
		}
	}
}

func (o outcomes) passed() int { return o.count("pass") }

func (o outcomes) count(outcome string) int {
	n := 0
	for _, each := range o {
		if each == outcome {
			n++
		}
	}
	return n
}

func (o outcomes) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", o.passed(), o.count("fail"), o.count("skip"))
}

// A testBinary is the executable with the tests of one package.
type testBinary struct{ exe, dir string }

// build builds the test binary of pkg into dir.
func (g goTest) build(t *testing.T, pkg, dir string) testBinary {
	b := testBinary{exe: filepath.Join(dir, harness.Exe("tests"))}
	list, err := harness.Command{Dir: g.dir, Args: []string{"go", "list", "-f", "{{.Dir}}", pkg}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	b.dir = strings.TrimSpace(list.Stdout)
	c := harness.Command{Dir: g.dir, Args: []string{"go", "test", "-c", "-o", b.exe, pkg}, Limit: 10 * time.Minute}
	if _, err := c.RunOK(); err != nil {
		t.Fatal(err)
	}
	return b
}

// alone reports whether one test passes in a process of its own, and what it
// printed.
func (b testBinary) alone(name string, limit time.Duration, env ...string) (bool, string) {
	r, err := harness.Command{
		Dir:   b.dir,
		Env:   env,
		Args:  []string{b.exe, "-test.v", "-test.short", "-test.timeout=" + limit.String(), "-test.run=" + runPattern(name)},
		Limit: limit + 10*time.Second,
	}.Run()
	if err != nil {
		return false, err.Error()
	}
	out := r.Stdout + r.Stderr
	_, test, _ := strings.Cut(name, " ")
	ran := strings.Contains(address.ReplaceAllString(out, anyAddress), "--- PASS: "+test+" (")
	return r.Exit == 0 && ran, out
}
