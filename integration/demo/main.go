// Command demo shows dedefer at work on testdata/copier, a small parallel file
// copier. It rewrites the copier in both modes, shows the diffs, builds the
// original and the copies, and runs all of them on the same input. Its exit
// code is 1 if they do not do the same.
//
//	go run ./integration/demo [-q] [-o DIR]
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/dedefer/dedefer/integration/harness"
)

func main() {
	quiet := flag.Bool("q", false, "do not show the diffs")
	keep := flag.String("o", "", "keep the rewritten modules below this directory")
	flag.Parse()
	if err := demo(*quiet, *keep); err != nil {
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

func demo(quiet bool, keep string) error {
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
	for _, mode := range modes {
		if err := d.rewrite(mode, !quiet); err != nil {
			return err
		}
	}
	return d.compare()
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

// rewrite shows what dedefer changes in the copier, and writes the changed copy.
func (d demonstration) rewrite(mode string, show bool) error {
	if show {
		fmt.Printf("$ cd testdata/copier && dedefer rewrite -unwind=%s -d ./...\n", mode)
		cmd := exec.Command(d.tool, "rewrite", "-unwind="+mode, "-d", "./...")
		cmd.Dir = d.src
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr // the tool itself, for it colours what goes to a terminal
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("dedefer rewrite -d: %w", err)
		}
		fmt.Println()
	}
	_, err := harness.Command{Dir: d.src, Args: []string{d.tool, "rewrite", "-unwind=" + mode, "-o", d.tree(mode), "./..."}}.RunOK()
	return err
}

// compare builds and runs the original and the copies.
func (d demonstration) compare() error {
	fmt.Println("The copier before and after, each built with go build and run:")
	for _, mode := range append([]string{""}, modes...) {
		if err := harness.GoBuild(d.tree(mode), d.exe(mode)); err != nil {
			return err
		}
		left, err := harness.DefersLeft(d.src, d.tree(mode))
		if err != nil {
			return err
		}
		note := ""
		if mode == "native" {
			note = ", the guards that run what is pending when a panic passes"
		}
		fmt.Printf("  %-16s %2d defer statements%s\n", label(mode), len(left), note)
	}
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
