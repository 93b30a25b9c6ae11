package integration

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// fastSubset selects the programs that are run without -goroot: those that
// are about deferred calls, by their names.
var fastSubset = regexp.MustCompile(`defer|recover|goexit`)

// TestGoroot rewrites the programs of GOROOT/test that have a defer statement.
func TestGoroot(t *testing.T) {
	var run, compile, refused []gorootProgram
	for _, p := range gorootPrograms(t) {
		switch {
		case p.refused():
			refused = append(refused, p)
		case treatments[p.recipe.action] == runs:
			run = append(run, p)
		default:
			compile = append(compile, p)
		}
	}
	t.Logf("%d programs to run, %d to compile, %d to refuse", len(run), len(compile), len(refused))
	t.Run("program", func(t *testing.T) { testGroup(t, run, false) })
	t.Run("compile", func(t *testing.T) { testGroup(t, compile, true) })
	t.Run("refuse", func(t *testing.T) { testRefused(t, refused) })
}

// testGroup rewrites programs. They share one module, so that one run of
// dedefer and of go build serves all of them; what does not get built so is
// tried again in a module of its own.
func testGroup(t *testing.T, programs []gorootProgram, compileOnly bool) {
	var shared []gorootProgram
	for _, p := range programs {
		if !p.alone() {
			shared = append(shared, p)
		}
	}
	g := group{dir: t.TempDir(), programs: shared, compileOnly: compileOnly}
	var errNative, errNone error
	if len(shared) > 0 {
		errNative, errNone = g.build(), g.rewriteNone()
	}
	if err := errors.Join(errNative, errNone); err != nil {
		t.Logf("the shared module: %v", err)
	}
	var alone atomic.Int32
	t.Run("each", func(t *testing.T) {
		for _, p := range programs {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				g := g
				if p.alone() || errNone != nil || compileOnly && errNative != nil || !compileOnly && !g.has(p) {
					alone.Add(1)
					g = group{dir: t.TempDir(), programs: []gorootProgram{p}, compileOnly: compileOnly}
					if err := errors.Join(g.build(), g.rewriteNone()); err != nil {
						t.Error(err)
					}
				}
				if !compileOnly && g.has(p) {
					g.compare(t, p)
				}
			})
		}
	})
	if errNative == nil && len(shared) > 0 {
		t.Run("tidy", g.checkTidy)
	}
	t.Logf("%d of %d programs in a module of their own", alone.Load(), len(programs))
}

// testRefused checks that dedefer says what is wrong with programs that the
// compiler must not accept.
func testRefused(t *testing.T, programs []gorootProgram) {
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			g := group{dir: t.TempDir(), programs: []gorootProgram{p}, compileOnly: true}
			if err := g.write(); err != nil {
				t.Fatal(err)
			}
			if g.goBuild("src", os.DevNull) == nil {
				t.Fatal("go build accepts it")
			}
			r, err := harness.Command{Dir: filepath.Join(g.dir, "src"), Args: []string{tool, "rewrite", "-l", "./..."}}.Run()
			if err != nil {
				t.Fatal(err)
			}
			if r.Exit != 1 || r.Stdout != "" || !position.MatchString(r.Stderr) {
				t.Errorf("dedefer: exit %d, want 1, with positions\n%s", r.Exit, harness.Clip(r.Stdout+r.Stderr, 20))
			}
		})
	}
}

var position = regexp.MustCompile(`(?m)^\S+\.go:\d+:\d+: `)

// A group is programs that share a module, each a package of it: in src before
// the rewrite, in native, lines and none after it. Executables are in the
// directories of these names with a suffix -bin; there are none for mode none.
type group struct {
	dir         string
	programs    []gorootProgram
	compileOnly bool // no executables: the programs need not have a main function
}

// write writes the module.
func (g group) write() error {
	src := filepath.Join(g.dir, "src")
	version := "1.26"
	if v := g.programs[0].recipe.version; v != "" {
		version = v
	}
	mod := fmt.Sprintf("module %s\n\ngo %s\n", g.programs[0].module(), version)
	if err := writeFile(src, "go.mod", []byte(mod)); err != nil {
		return err
	}
	for _, p := range g.programs {
		for name, data := range p.files {
			if err := writeFile(src, path.Join(p.dir(), name), data); err != nil {
				return err
			}
		}
	}
	return nil
}

// build writes the module, rewrites it for native, with -lines too, and builds all. Some
// executables may be there although its error is not nil.
func (g group) build() error {
	if err := g.write(); err != nil {
		return err
	}
	if err := g.goBuild("src", g.bin("src")); err != nil {
		err = fmt.Errorf("before rewriting: %w", err)
		if g.compileOnly || len(g.programs) == 1 {
			return err
		}
		// The others can go on without what does not build here.
		for _, p := range g.programs {
			if _, missing := os.Stat(g.exe("src", p)); missing != nil {
				err = errors.Join(err, os.RemoveAll(filepath.Join(g.dir, "src", p.dir())))
			}
		}
		return errors.Join(err, g.rewriteNative())
	}
	return g.rewriteNative()
}

func (g group) rewriteNative() error {
	var errs []error
	for _, m := range g.modes() {
		err := g.rewrite(append(m.flags, "-o", filepath.Join(g.dir, m.name))...)
		if err == nil {
			err = g.goBuild(m.name, g.bin(m.name))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// rewriteNone checks that no defer is left and that the rest compiles. Behaviour
// is not compared: most of these programs are about panics.
func (g group) rewriteNone() error {
	src, out := filepath.Join(g.dir, "src"), filepath.Join(g.dir, "none")
	if err := g.rewrite("-unwind=none", "-o", out); err != nil {
		return err
	}
	left, err := harness.DefersLeft(src, out)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		err = fmt.Errorf("defer statements left with -unwind=none:\n%s", harness.Clip(strings.Join(left, "\n"), 20))
	}
	return errors.Join(err, g.goBuild("none", os.DevNull))
}

// modes are the ones in which programs are compared. Positions in a generated
// program are not worth a third run of the compiler on it.
func (g group) modes() []mode {
	if g.programs[0].generated {
		return []mode{native}
	}
	return []mode{native, lines}
}

func (g group) rewrite(flags ...string) error {
	args := append([]string{tool, "rewrite"}, flags...)
	_, err := harness.Command{
		Dir:  filepath.Join(g.dir, "src"),
		Env:  g.programs[0].recipe.env,
		Args: append(args, "./..."),
	}.RunOK()
	return err
}

// checkTidy checks that gofmt and vet find nothing new, and that a rewrite of
// the output changes nothing.
func (g group) checkTidy(t *testing.T) {
	src, out := filepath.Join(g.dir, "src"), filepath.Join(g.dir, "native")
	checkFormat(t, program{src: src}, out)
	checkUnchanged(t, native, out)
	before, err := vetFailures(src)
	if err != nil {
		t.Error(err)
	}
	after, err := vetFailures(out)
	if err != nil {
		t.Error(err)
	}
	for pkg, msg := range after {
		if _, ok := before[pkg]; !ok {
			t.Errorf("vet passed before on %s:\n%s", pkg, harness.Clip(msg, 10))
		}
	}
}

// vetFailures runs go vet on the module in dir and returns what it says, by
// package.
func vetFailures(dir string) (map[string]string, error) {
	r, err := harness.Command{Dir: dir, Args: []string{"go", "vet", "./..."}}.Run()
	failures := make(map[string]string)
	pkg := ""
	for line := range strings.Lines(r.Stderr) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			pkg = strings.Trim(name, "[]\n")
		}
		failures[pkg] += line
	}
	return failures, err
}

// goBuild builds all programs of the tree as far as it can.
func (g group) goBuild(tree, to string) error {
	args := []string{"go", "build", "-buildvcs=false", "-o", to}
	if g.compileOnly {
		args = []string{"go", "list", "-buildvcs=false", "-export", "-f="} // compiles, and does not link
	} else if to != os.DevNull {
		if err := os.MkdirAll(to, 0o777); err != nil {
			return err
		}
	}
	// A group with flags is of one program.
	args = append(args, g.programs[0].recipe.buildFlags()...)
	_, err := harness.Command{
		Dir:  filepath.Join(g.dir, tree),
		Env:  g.programs[0].recipe.env,
		Args: append(args, "./..."),
	}.RunOK()
	return err
}

func (g group) bin(tree string) string { return filepath.Join(g.dir, tree+"-bin") }

func (g group) exe(tree string, p gorootProgram) string {
	name := p.dir()
	if name == "." {
		name = p.module()
	}
	return filepath.Join(g.bin(tree), harness.Exe(name))
}

// has reports whether p was built before and after the rewrite.
func (g group) has(p gorootProgram) bool {
	_, err := os.Stat(g.exe("src", p))
	for _, m := range g.modes() {
		if err == nil {
			_, err = os.Stat(g.exe(m.name, p))
		}
	}
	return err == nil
}

// compare runs p before and after the rewrite.
func (g group) compare(t *testing.T, p gorootProgram) {
	want, err := g.run("src", p)
	if err != nil {
		t.Fatal("before rewriting:", err)
	}
	if want.Exit != 0 {
		t.Fatalf("before rewriting: exit %d\n%s", want.Exit, harness.Clip(want.Stdout+want.Stderr, 20))
	}
	if p.want != nil && *p.want != want.Stdout+want.Stderr {
		t.Fatalf("before rewriting: output is not that of its .out file:\n%s", harness.Diff(*p.want, want.Stdout+want.Stderr))
	}
	trace := strings.Contains(want.Stderr, "\ngoroutine ")
	for _, m := range g.modes() {
		if m.name == "native" && p.lines != "" {
			continue
		}
		got, err := g.run(m.name, p)
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
		} else if diff := harness.Compare(want, got, !trace); diff != "" {
			t.Errorf("%s: %s", m.name, diff)
		}
	}
}

func (g group) run(tree string, p gorootProgram) (harness.Result, error) {
	dir := filepath.Join(g.dir, tree, p.dir())
	r, err := harness.Command{
		Dir:   dir,
		Env:   p.recipe.env,
		Args:  append([]string{g.exe(tree, p)}, p.recipe.args...),
		Limit: 20 * time.Minute,
	}.Run()
	// Some print their file name.
	r.Stdout = strings.ReplaceAll(r.Stdout, dir, "DIR")
	r.Stderr = strings.ReplaceAll(r.Stderr, dir, "DIR")
	return r, err
}
