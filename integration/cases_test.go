// Package integration runs dedefer as its users do, on whole modules, and
// compares what they do before and after.
package integration

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
	"golang.org/x/tools/txtar"
)

// A mode is one way to rewrite a case.
type mode struct {
	name  string
	flags []string
}

var (
	native = mode{"native", []string{"-unwind=native"}}
	keep   = mode{"keep", []string{"-unwind=native", "-keep"}}
	lines  = mode{"lines", []string{"-unwind=native", "-lines"}}
	none   = mode{"none", []string{"-unwind=none"}}
	modes  = []mode{native, keep, lines, none}
)

// A program is a case from testdata/cases, described in testdata/README.md.
type program struct {
	name   string
	src    string // directory of its extracted module
	want   harness.Result
	stderr bool // what it writes to stderr counts
	noneOK bool // it neither panics nor calls Goexit
	every  bool // it is run in every mode
	cgo    bool
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "testdata", "cases", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no cases in testdata/cases")
	}
	var mu sync.Mutex
	runs := make(map[string]int)
	cgo := cgoWorks(t)
	var groups caseGroups
	t.Run("case", func(t *testing.T) {
		groups.dir = t.TempDir()
		for i, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				p, err := load(file, t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if p.cgo && !cgo {
					t.Skip("needs cgo and a C compiler")
				}
				p.every = *casesFlag || i%4 == 0
				var with *caseGroup // nil: alone
				if !*casesFlag && !*oracleFlag && p.simple() {
					with = groups.join(p)
				}
				t.Parallel() // all have joined when the first goes on
				if *oracleFlag {
					checkOracle(t, p)
				}
				for _, m := range modes {
					if !p.in(m) {
						continue
					}
					t.Run(m.name, func(t *testing.T) {
						mu.Lock()
						runs[m.name]++
						mu.Unlock()
						if with == nil || !with.test(t, p, m) {
							testCase(t, p, m, *casesFlag)
						}
					})
				}
			})
		}
	})
	t.Logf("%d cases, %d of them in modules for many: run in native %d, with -keep %d, lines %d, none %d (only where nothing panics or calls Goexit)",
		len(files), groups.count(), runs["native"], runs["keep"], runs["lines"], runs["none"])
}

// in reports whether p is run in mode m.
func (p program) in(m mode) bool {
	if m.name == "none" {
		return p.noneOK
	}
	return p.every || m.name == "native"
}

func cgoWorks(t *testing.T) bool {
	r, err := harness.Command{Args: []string{"go", "env", "CGO_ENABLED", "CC"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	enabled, cc, _ := strings.Cut(r.Stdout, "\n")
	if words := strings.Fields(cc); len(words) > 0 { // CC may have flags
		_, err = exec.LookPath(words[0])
	}
	return enabled == "1" && err == nil
}

// testCase rewrites p in mode m and checks the copy: it behaves as recorded,
// and it is as tidy as the input. The checks that cost most are for those that
// are to be thorough, and not for lines, which are only positions.
func testCase(t *testing.T, p program, m mode, thorough bool) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	if _, err := rewrite(p.src, append(m.flags, "-o", out)...); err != nil {
		t.Fatal(err)
	}
	if err := defersLeft(m, p.src, out); err != nil {
		t.Error(err)
	}
	checkBehaviour(t, p, out, filepath.Join(dir, harness.Exe("program")))
	checkFormat(t, p, out)
	checkNames(t, p.src, out)
	checkUnchanged(t, m, out)
	if m.name != "lines" && thorough {
		checkVet(t, p, out)
		checkSameBytes(t, p, m, out, filepath.Join(dir, "again"))
	}
}

// defersLeft returns an error with the defer statements that mode none leaves.
func defersLeft(m mode, src, out string) error {
	if m.name != "none" {
		return nil
	}
	left, err := harness.DefersLeft(src, out)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("defer statements left in the output:\n%s", harness.Clip(strings.Join(left, "\n"), 10))
	}
	return err
}

func checkBehaviour(t *testing.T, p program, out, exe string) {
	diff, err := runAndCompare(out, exe, p)
	if err != nil {
		t.Error(err)
	}
	if diff == "" {
		return
	}
	t.Error(diff)
	// Another Go may behave unlike the one that made the recording.
	diff, err = runAndCompare(p.src, exe, p)
	if err != nil || diff != "" {
		t.Errorf("the program differs from its recording before rewriting too: %v\n%s", err, diff)
	}
}

func checkOracle(t *testing.T, p program) {
	diff, err := runAndCompare(p.src, filepath.Join(t.TempDir(), harness.Exe("program")), p)
	if err != nil {
		t.Error(err)
	}
	if diff != "" {
		t.Errorf("before rewriting: %s", diff)
	}
}

func runAndCompare(dir, exe string, p program) (diff string, err error) {
	if err := harness.GoBuild(dir, exe); err != nil {
		return "", err
	}
	return run(dir, exe, p)
}

// run compares what p's executable does with what is recorded.
func run(dir, exe string, p program) (diff string, err error) {
	got, err := harness.Command{Dir: dir, Args: []string{exe}, Env: []string{"GOTRACEBACK=none"}, Limit: 10 * time.Minute}.Run()
	if err != nil {
		return "", err
	}
	return harness.Compare(p.want, got, p.stderr), nil
}

// checkFormat checks that gofmt finds nothing that it did not find in the input.
func checkFormat(t *testing.T, p program, out string) {
	t.Helper()
	if err := unformatted(p.src, out); err != nil {
		t.Error(err)
	}
}

func unformatted(src, out string) error {
	bad, err := harness.Unformatted(src, out)
	if err == nil && len(bad) > 0 {
		err = fmt.Errorf("not gofmt-clean: %s", strings.Join(bad, ", "))
	}
	return err
}

// checkNames checks that the output holds no name that only cgo makes.
func checkNames(t *testing.T, src, out string) {
	t.Helper()
	names, err := harness.MadeByCgo(src, out)
	if err != nil {
		t.Error(err)
	}
	if len(names) > 0 {
		t.Errorf("names that only cgo makes: %s", strings.Join(names, "\n"))
	}
}

// checkVet checks that go vet passes if it did on the input.
func checkVet(t *testing.T, p program, out string) {
	vet := []string{"go", "vet", "./..."}
	if _, err := (harness.Command{Dir: out, Args: vet}).RunOK(); err != nil {
		// Most inputs pass: only now is it worth looking.
		if _, before := (harness.Command{Dir: p.src, Args: vet}).RunOK(); before == nil {
			t.Errorf("vet passed before: %v", err)
		}
	}
}

// checkUnchanged checks that a rewrite of the output changes nothing.
func checkUnchanged(t *testing.T, m mode, out string) {
	t.Helper()
	if err := changes(m, out); err != nil {
		t.Error(err)
	}
}

func changes(m mode, out string) error {
	r, err := rewrite(out, append(m.flags, "-l")...)
	if err == nil && r.Stdout != "" {
		err = fmt.Errorf("would change:\n%s", harness.Clip(r.Stdout, 10))
	}
	if err != nil {
		err = fmt.Errorf("rewriting the output: %w", err)
	}
	return err
}

// checkSameBytes checks that a second rewrite of the input gives the same bytes.
func checkSameBytes(t *testing.T, p program, m mode, out, again string) {
	if _, err := rewrite(p.src, append(m.flags, "-o", again)...); err != nil {
		t.Error("second time:", err)
	} else if diff, err := harness.SameTree(out, again); err != nil || diff != "" {
		t.Errorf("the same input gave other bytes: %s %v", diff, err)
	}
}

// load extracts the case in file to dir.
func load(file, dir string) (p program, err error) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		return p, err
	}
	for line := range strings.Lines(string(ar.Comment)) {
		if strings.TrimSpace(line) == "unwind: none ok" {
			p.noneOK = true
		}
	}
	p.name = strings.TrimSuffix(filepath.Base(file), ".txtar")
	p.src = filepath.Join(dir, "src")
	for _, f := range ar.Files {
		switch f.Name {
		case "stdout":
			p.want.Stdout = string(f.Data)
		case "stderr":
			p.want.Stderr, p.stderr = string(f.Data), true
		case "exit":
			p.want.Exit, err = strconv.Atoi(strings.TrimSpace(string(f.Data)))
		default:
			p.cgo = p.cgo || strings.Contains(string(f.Data), "\nimport \"C\"\n")
			err = writeFile(p.src, f.Name, f.Data)
		}
		if err != nil {
			return p, fmt.Errorf("section %s: %w", f.Name, err)
		}
	}
	return p, nil
}

func writeFile(dir, name string, data []byte) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return errors.New("not a local file name")
	}
	return harness.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data)
}
