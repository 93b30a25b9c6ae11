// Command demo shows dedefer at work on testdata/copier, a small parallel file
// copier. It rewrites the copier in both modes, shows one function before and
// after, builds the original and the copies, and runs all of them on the same
// input. Its exit code is 1 if they do not do the same.
//
//	go run ./integration/demo [-d] [-o DIR]
package main

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

func main() {
	all := flag.Bool("d", false, "show all of what changes, as a diff")
	keep := flag.String("o", "", "keep the rewritten modules below this directory")
	flag.Parse()
	if err := demo(*all, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

var modes = []string{"native", "none"}

// The copier's inputs. One of them makes it panic and recover, which mode none
// does without.
var inputs = []struct {
	dir    string
	panics bool
}{
	{"input", false},
	{"broken", true},
}

// What it is about to do.
const intro = `testdata/copier mirrors a directory with several goroutines: a program of
everyday Go, with locks, files, a recover and deferred calls in a loop. This demo

  1. rewrites it with dedefer, so that no panic changes what it does
     (-unwind=native), and for targets where a panic traps (-unwind=none),
  2. shows one of its functions before and after,
  3. counts what is left of its defer statements,
  4. builds all three programs and runs them on the same input.

Its own build of dedefer takes longest.

`

func demo(all bool, keep string) error {
	fmt.Print(intro)
	root, err := harness.ModuleRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dedefer-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tool, err := harness.BuildTool(root, dir)
	if err != nil {
		return err
	}
	d := demonstration{tool: tool, src: filepath.Join(root, "testdata", "copier"), dir: dir, out: dir}
	if keep != "" {
		if d.out, err = filepath.Abs(keep); err != nil {
			return err
		}
	}
	var took []string
	for _, mode := range modes {
		t, err := d.rewrite(mode, all)
		if err != nil {
			return err
		}
		took = append(took, fmt.Sprintf("%.1f s", t.Seconds()))
	}
	if err := d.show("mirror.go", "Print"); err != nil {
		return err
	}
	if err := d.count(); err != nil {
		return err
	}
	if err := d.compare(); err != nil {
		return err
	}
	fmt.Printf("\ndedefer itself took %s. All of what it changed: go run ./integration/demo -d\n", strings.Join(took, " and "))
	return nil
}

// A demonstration has the rewritten modules in out, named for their mode, and
// all else that it makes in dir.
type demonstration struct {
	tool, src, dir, out string
}

// tree is the directory of the original module, for mode "", or of a copy.
func (d demonstration) tree(mode string) string {
	if mode == "" {
		return d.src
	}
	return filepath.Join(d.out, mode)
}

// rewrite writes a changed copy of the copier, and shows the changes if it is to.
// It returns how long dedefer took.
func (d demonstration) rewrite(mode string, show bool) (time.Duration, error) {
	if show {
		fmt.Printf("$ cd testdata/copier && dedefer rewrite -unwind=%s -d ./...\n", mode)
		cmd := exec.Command(d.tool, "rewrite", "-unwind="+mode, "-d", "./...")
		cmd.Dir = d.src
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr // the tool itself, for it colours what goes to a terminal
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			return 0, fmt.Errorf("dedefer rewrite -d: %w", err)
		}
		fmt.Println()
	}
	r, err := harness.Command{Dir: d.src, Args: []string{d.tool, "rewrite", "-unwind=" + mode, "-o", d.tree(mode), "./..."}}.RunOK()
	return r.Elapsed, err
}

// show prints a function of a file as it is in all modes.
func (d demonstration) show(file, name string) error {
	for _, mode := range append([]string{""}, modes...) {
		path := filepath.Join(d.tree(mode), file)
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.Name == name {
				text := src[fset.Position(fn.Pos()).Offset:fset.Position(fn.End()).Offset]
				fmt.Printf("%s, %s:\n\n\t%s\n\n", file, label(mode), strings.ReplaceAll(string(text), "\n", "\n\t"))
			}
		}
	}
	return nil
}

// count builds the original and the copies, and tells what is left of the defer
// statements, and how large the programs are.
func (d demonstration) count() error {
	fmt.Println("All three, built with go build:")
	for _, mode := range append([]string{""}, modes...) {
		if err := harness.GoBuild(d.tree(mode), d.exe(mode)); err != nil {
			return err
		}
		left, err := harness.DefersLeft(d.src, d.tree(mode))
		if err != nil {
			return err
		}
		info, err := os.Stat(d.exe(mode))
		if err != nil {
			return err
		}
		note := ""
		if mode == "native" {
			note = ": guards, which run what is pending when a panic passes"
		}
		fmt.Printf("  %-16s %7d bytes, %2d defer statements%s\n", label(mode), info.Size(), len(left), note)
	}
	return nil
}

// compare runs the original and the copies.
func (d demonstration) compare() error {
	same := true
	for _, input := range inputs {
		want, err := d.run("", input.dir)
		if err != nil {
			return err
		}
		fmt.Printf("\n$ copier %s DST        (exit code %d)\n%s", input.dir, want.Exit, want.Stdout+want.Stderr)
		for _, mode := range modes {
			if mode == "none" && input.panics {
				fmt.Printf("  %-16s not run: this input makes it panic, which ends a program of this mode\n", label(mode))
				continue
			}
			diff, err := d.differs(mode, input.dir, want)
			if err != nil {
				return err
			}
			if diff != "" {
				same = false
				fmt.Printf("  %-16s DIFFERS\n%s\n", label(mode), diff)
				continue
			}
			fmt.Printf("  %-16s the same output, exit code and files\n", label(mode))
		}
	}
	if !same {
		return errors.New("the rewritten copier does not do what the original does")
	}
	return nil
}

func label(mode string) string {
	if mode == "" {
		return "original"
	}
	return "-unwind=" + mode
}

func (d demonstration) exe(mode string) string {
	return filepath.Join(d.dir, harness.Exe("copier-"+mode))
}

// mirror is where the copier of a mode mirrors an input to.
func (d demonstration) mirror(mode, input string) string {
	return filepath.Join(d.dir, strings.Join([]string{"mirror", mode, input}, "-"))
}

func (d demonstration) run(mode, input string) (harness.Result, error) {
	return harness.Command{Dir: d.src, Args: []string{d.exe(mode), input, d.mirror(mode, input)}}.Run()
}

// differs tells where a copy of the copier does something else than want, or
// writes other files than the original did; "" says that it does not.
func (d demonstration) differs(mode, input string, want harness.Result) (string, error) {
	got, err := d.run(mode, input)
	if err != nil {
		return "", err
	}
	if diff := harness.Compare(want, got, true); diff != "" {
		return diff, nil
	}
	return harness.SameTree(d.mirror("", input), d.mirror(mode, input))
}
