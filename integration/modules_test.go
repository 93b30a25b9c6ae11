package integration

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// A realModule is rewritten and must then pass the tests that it passed before.
type realModule struct {
	path, version string
	timed         bool              // compare the time of a rewrite with that of go vet
	differ        map[string]string // tests that may fail after the rewrite ("package Test"), and why
}

// realModules are at their newest versions of November 2026.
var realModules = []realModule{
	{path: "go.etcd.io/bbolt", version: "v1.5.0"},
	{path: "github.com/gin-gonic/gin", version: "v1.12.0", timed: true},
}

func TestModules(t *testing.T) {
	if !*modulesFlag {
		t.Skip("needs the module proxy and some minutes: run it with -modules")
	}
	for _, m := range realModules {
		t.Run(m.path, func(t *testing.T) {
			src := m.fetch(t)
			before := runTests(t, src)
			out := filepath.Join(t.TempDir(), "out")
			r, err := rewrite(src, "-o", out)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("rewritten in %.1fs, peak memory of the largest process %d MB", r.Elapsed.Seconds(), r.MaxRSS>>20)
			logDefers(t, src, out)
			m.checkTests(t, out, before)
			if m.timed {
				timeAgainstVet(t, src)
			}
		})
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
	src := filepath.Join(t.TempDir(), "src")
	if err := os.CopyFS(src, os.DirFS(info.Dir)); err != nil {
		t.Fatal(err)
	}
	buildForTests(t, src)
	return src
}

func buildForTests(t *testing.T, dir string) {
	list := []string{"go", "list", "-buildvcs=false", "-export", "-test", "-deps", "-f", "{{with .Error}}{{.}}{{end}}", "./..."}
	if _, err := (harness.Command{Dir: dir, Args: list, Limit: 10 * time.Minute}).RunOK(); err != nil {
		t.Fatal(err)
	}
}

// logDefers tells how much there was to rewrite.
func logDefers(t *testing.T, src, out string) {
	before, err := harness.DefersLeft(src, src)
	if err != nil {
		t.Fatal(err)
	}
	after, err := harness.DefersLeft(src, out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("defer statements: %d before, %d after, guards and others that they need", len(before), len(after))
}

// checkTests runs the tests of the rewritten module. What passed before has to
// pass, if need be at a second try: some of these tests depend on timing.
func (m realModule) checkTests(t *testing.T, out string, before map[string]string) {
	after := runTests(t, out)
	failed := lost(before, after)
	if len(failed) > 0 {
		t.Logf("trying again: %s", strings.Join(failed, ", "))
		for name, outcome := range runTests(t, out) {
			if outcome == "pass" {
				after[name] = outcome
			}
		}
	}
	expected := 0
	for _, name := range lost(before, after) {
		if reason, ok := m.differ[name]; ok {
			expected++
			t.Logf("%s: %q after the rewrite, as expected: %s", name, after[name], reason)
			continue
		}
		t.Errorf("%s: passed before, %q after the rewrite", name, after[name])
	}
	t.Logf("before: %s", counts(before))
	t.Logf("after:  %s; %d failed as expected", counts(after), expected)
}

// lost lists the tests that passed before and do not pass after.
func lost(before, after map[string]string) []string {
	var names []string
	for name, outcome := range before {
		if outcome == "pass" && after[name] != "pass" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func counts(outcomes map[string]string) string {
	n := make(map[string]int)
	for _, outcome := range outcomes {
		n[outcome]++
	}
	return fmt.Sprintf("%d passed, %d failed, %d skipped", n["pass"], n["fail"], n["skip"])
}

// runTests runs the tests of the module in dir and returns their outcomes
// ("pass", "fail" or "skip") by "package Test".
func runTests(t *testing.T, dir string) map[string]string {
	r, err := harness.Command{
		Dir:   dir,
		Args:  []string{"go", "test", "-json", "-short", "-count=1", "-timeout=10m", "./..."},
		Limit: 15 * time.Minute,
	}.Run()
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make(map[string]string)
	lines := bufio.NewScanner(strings.NewReader(r.Stdout))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var event struct{ Action, Package, Test, Output string }
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatalf("go test -json: %v\n%s", err, harness.Clip(lines.Text()+"\n"+r.Stderr, 10))
		}
		switch event.Action {
		case "build-output":
			t.Log(strings.TrimSuffix(event.Output, "\n"))
		case "pass", "fail", "skip":
			if event.Test != "" {
				outcomes[event.Package+" "+event.Test] = event.Action
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(outcomes) == 0 {
		t.Fatalf("no test ran:\n%s", harness.Clip(r.Stderr, 20))
	}
	return outcomes
}

// timeAgainstVet checks that a rewrite takes no longer than twice a go vet
// that has to analyse the module again. Both find everything built that they
// need: only their own work counts.
func timeAgainstVet(t *testing.T, src string) {
	const rounds = 3
	var vet, lowering []time.Duration
	var peak int64
	for i := range rounds {
		if err := touchPackages(src, i); err != nil {
			t.Fatal(err)
		}
		buildForTests(t, src)
		v, err := harness.Command{Dir: src, Args: []string{"go", "vet", "./..."}}.Run()
		if err != nil {
			t.Fatal(err)
		}
		r, err := rewrite(src, "-o", filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		vet, lowering = append(vet, v.Elapsed), append(lowering, r.Elapsed)
		peak = max(peak, r.MaxRSS)
	}
	slices.Sort(vet)
	slices.Sort(lowering)
	v, r := vet[rounds/2], lowering[rounds/2]
	t.Logf("medians of %d: go vet %.2fs, rewrite %.2fs (%.2f times vet), peak memory of its largest process %d MB",
		rounds, v.Seconds(), r.Seconds(), r.Seconds()/v.Seconds(), peak>>20)
	if r > 2*v {
		t.Errorf("a rewrite took more than twice as long as go vet")
	}
}

// touchPackages adds a comment to every file of the module's packages: vet
// keys its cached results by the bytes of the files.
func touchPackages(dir string, round int) error {
	r, err := harness.Command{Dir: dir, Args: []string{"go", "list", "-f", "{{.Dir}}", "./..."}}.RunOK()
	if err != nil {
		return err
	}
	for pkg := range strings.Lines(r.Stdout) {
		files, err := filepath.Glob(filepath.Join(strings.TrimSuffix(pkg, "\n"), "*.go"))
		if err != nil {
			return err
		}
		for _, file := range files {
			f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(f, "\n// Round %d of the timing.\n", round)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
		}
	}
	return nil
}
