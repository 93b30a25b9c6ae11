package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dedefer/dedefer/internal/tinygo/tinygotest"
	"github.com/dedefer/dedefer/rewrite"
)

var allFlag = flag.Bool("all", false, "run what compiles the standard library for other systems and experiments too")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"dedefer": main,
		// A rewriter whose output does not type-check.
		"dedefer-bug": func() {
			rewriteProgram = func(_ context.Context, prog *rewrite.Program, _ rewrite.Options) (*rewrite.Result, error) {
				pos := token.Position{Filename: prog.Files[0], Line: 3, Column: 2}
				return nil, &rewrite.BugError{Pos: pos, Function: "(*T).M", Err: errors.New("undefined: active")}
			}
			main()
		},
		// A rewriter that takes until it is interrupted.
		"dedefer-slow": func() {
			rewriteProgram = func(ctx context.Context, _ *rewrite.Program, _ rewrite.Options) (*rewrite.Result, error) {
				if err := os.WriteFile("started", nil, 0o644); err != nil {
					return nil, err
				}
				<-ctx.Done()
				return nil, ctx.Err()
			}
			main()
		},
	})
}

func TestScripts(t *testing.T) { runScripts(t, filepath.Join("testdata", "script")) }

// runScripts runs the testscripts in dir.
func runScripts(t *testing.T, dir string) {
	t.Helper()
	var keep []string // what the go command needs of the real environment
	vars := []string{"GOCACHE", "GOMODCACHE", "GOROOT"}
	out, err := exec.Command("go", append([]string{"env"}, vars...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		keep = append(keep, vars[i]+"="+line)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, keep...)
			env.Vars = append(env.Vars, "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=", "GOWORK=", "GOENV=off")
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "all" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return *allFlag, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor": waitFor,
			"fails":   fails,
			"tinygo":  installTinyGo,
		},
	})
}

// waitFor waits until a file exists.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	name := ts.MkAbs(args[0])
	for until := time.Now().Add(5 * time.Minute); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(name); err == nil {
			return
		}
	}
	ts.Fatalf("%s does not appear", args[0])
}

// installTinyGo puts a stub of TinyGo on PATH, in the directory $TINYGO.
func installTinyGo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: tinygo")
	}
	dir := filepath.Join(ts.Getenv("WORK"), "tinygo")
	bin, err := tinygotest.Install(dir, ts.Getenv("GOROOT"))
	ts.Check(err)
	ts.Setenv("TINYGO", dir)
	ts.Setenv("PATH", bin+string(os.PathListSeparator)+ts.Getenv("PATH"))
}

// fails runs a command that must end with a certain exit code.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails code program [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// TestManual makes sure that the manual has a section for every command.
func TestManual(t *testing.T) {
	for _, c := range append([]command{{name: "commands", title: "Commands"}}, commands...) {
		if help := c.help(); !strings.Contains(help, "Usage:") {
			t.Errorf("doc.go: the section for %s does not say its usage:\n%s", c.name, help)
		}
	}
}

// TestFlagsDocumented makes sure that help names every flag, and no other.
func TestFlagsDocumented(t *testing.T) {
	for _, set := range []*flag.FlagSet{newRewriteFlags().Set, newGenerateFlags().Set} {
		c, _ := findCommand(set.Name())
		documented := make(map[string]bool)
		for _, m := range regexp.MustCompile(`(?m)^\t-(\w+)`).FindAllStringSubmatch(c.help(), -1) {
			documented[m[1]] = true
		}
		set.VisitAll(func(f *flag.Flag) {
			if !documented[f.Name] {
				t.Errorf("%s: -%s is not documented", set.Name(), f.Name)
			}
			delete(documented, f.Name)
		})
		for name := range documented {
			t.Errorf("%s: -%s is documented, but does not exist", set.Name(), name)
		}
	}
}

func TestColorDiff(t *testing.T) {
	in := "diff a.orig a\n--- a.orig\n+++ a\n@@ -1,2 +1,2 @@\n--- x\n++++ y\n z"
	want := "<b>diff a.orig a<>\n<b>--- a.orig<>\n<b>+++ a<>\n<c>@@ -1,2 +1,2 @@<>\n<r>--- x<>\n<g>++++ y<>\n z"
	got := strings.NewReplacer(bold, "<b>", red, "<r>", green, "<g>", cyan, "<c>", reset, "<>").Replace(string(colorDiff([]byte(in))))
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, time.Second)
		p.stage("loading")
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if out.Len() > 0 {
			t.Errorf("shown too early: %q", out.String())
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		p.hide()
		p.stage("writing")
		time.Sleep(time.Second)
		p.stop()
		want := "\r\x1b[Kdedefer: loading (1 s)\r\x1b[K\r\x1b[Kdedefer: writing (2 s)\r\x1b[K"
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	var none *progress
	none.stage("loading")
	none.hide()
	none.stop()
}

func TestRevision(t *testing.T) {
	for want, settings := range map[string][]debug.BuildSetting{
		"":                           {{Key: "GOOS", Value: "linux"}},
		" (revision 12ab)":           {{Key: "vcs.revision", Value: "12ab"}, {Key: "vcs.modified", Value: "false"}},
		" (revision 12ab, modified)": {{Key: "vcs.revision", Value: "12ab"}, {Key: "vcs.modified", Value: "true"}},
	} {
		if got := revision(settings); got != want {
			t.Errorf("%v: %q, want %q", settings, got, want)
		}
	}
}
