package hostile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestModules runs the command on testdata/modules, one module each. What the
// go command makes of a module decides whether it is to be accepted, except for
// a line of the archive's comment that begins with "accepts:" or "refuses to
// write:" and says why dedefer differs.
func TestModules(t *testing.T) {
	root, err := harness.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	tool, err := harness.BuildTool(root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("testdata/modules/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	for i, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			if !*allFlag && i%12 != 0 {
				t.Skip("with -hostile.all")
			}
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			module(t, tool, ar)
		})
	}
}

var differs = regexp.MustCompile(`(?m)^(accepts|refuses to write): .+`)

func module(t *testing.T, tool string, ar *txtar.Archive) {
	dir := t.TempDir()
	src, out, inPlace := filepath.Join(dir, "src"), filepath.Join(dir, "out"), filepath.Join(dir, "w")
	for _, f := range ar.Files {
		for _, to := range []string{src, inPlace} {
			if err := harness.WriteFile(filepath.Join(to, filepath.FromSlash(f.Name)), string(f.Data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	wrong := builds(t, src)
	accepted, written := wrong == "", wrong == ""
	if m := differs.FindStringSubmatch(string(ar.Comment)); m != nil {
		t.Log("expected: " + m[0])
		accepted, written = true, m[1] == "accepts"
		if written == (wrong == "") {
			t.Errorf("so does the go command: %s", wrong)
		}
	}
	for _, how := range []struct {
		dir     string // to run in
		args    []string
		out     string
		refused bool
	}{
		{src, []string{"-o", out}, out, !written},
		{inPlace, []string{"-w"}, inPlace, !written},
		{src, []string{"-l", "-lines", "-unwind=none"}, "", !accepted},
	} {
		r, err := harness.Command{Dir: how.dir, Args: append(append([]string{tool, "rewrite"}, how.args...), "./..."), Limit: limit}.Run()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%v: exit %d\n%s", how.args, r.Exit, harness.Clip(r.Stderr, 8))
		partial := r.Exit == 1 && strings.Contains(r.Stderr, "left as it is, for these errors")
		written = written || partial
		switch {
		case strings.Contains(r.Stderr, "bug in dedefer") || strings.Contains(r.Stderr, "goroutine ") || r.Exit > 2:
			t.Errorf("%v: exit %d:\n%s", how.args, r.Exit, r.Stderr)
		case how.refused && r.Exit == 0:
			t.Errorf("%v: accepted, but does not build:\n%s", how.args, wrong)
		case partial: // the other packages are rewritten
		case how.refused && (r.Stdout != "" || strings.TrimSpace(r.Stderr) == ""):
			t.Errorf("%v: refused; stdout %q, stderr %q", how.args, r.Stdout, r.Stderr)
		case !how.refused && r.Exit != 0:
			t.Errorf("%v: refused, but builds: exit %d\n%s", how.args, r.Exit, r.Stderr)
		case !how.refused && how.out != "":
			if msg := builds(t, how.out); msg != "" && wrong == "" {
				t.Errorf("%v: the output does not build:\n%s", how.args, msg)
			}
		}
	}
	if !written {
		if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("refused, but there is a copy: %v", err)
		}
		if diff, err := harness.SameTree(src, inPlace); diff != "" || err != nil {
			t.Errorf("refused, but written in place: %s, %v", diff, err)
		}
	}
}

// builds returns what the go command does not like about the module in dir,
// tests included.
func builds(t *testing.T, dir string) string {
	var said string
	for _, args := range [][]string{
		{"go", "build", "-buildvcs=false", "-o", os.DevNull, "./..."},
		{"go", "vet", "-atomic", "./..."}, // one analyzer is enough: it is for the types
	} {
		r, err := harness.Command{Dir: dir, Args: args, Limit: limit}.Run()
		if err != nil {
			t.Fatal(err)
		}
		if r.Exit != 0 || strings.Contains(r.Stderr, "matched no packages") {
			said += fmt.Sprintf("%s: exit %d\n%s", args[1], r.Exit, r.Stderr+r.Stdout)
		}
	}
	return said
}
