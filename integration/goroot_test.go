package integration

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// A recipe is the first comment of a program in GOROOT/test: what to do with
// it. Its grammar is that of cmd/internal/testdir in the Go sources.
type recipe struct {
	action string   // "run"; others, such as "rundir", are left alone
	flags  []string // for go build
	env    []string // for go build and the program
	args   []string // of the program
}

// A gorootProgram is one program of GOROOT/test.
type gorootProgram struct {
	name   string // such as "fixedbugs/bug101.go"
	src    []byte
	recipe recipe
	want   *string // stdout and stderr together, from its .out file
	lines  string  // why it behaves the same only with -lines, if so
}

// fastSubset selects the programs that are run without -goroot: those that
// are about deferred calls, by their names.
var fastSubset = regexp.MustCompile(`defer|recover|goexit`)

// TestGoroot rewrites the programs of GOROOT/test that have a defer statement.
// They share one module, so that one run of dedefer and of go build serves
// all of them; what does not get built so is tried again in a module of its own.
func TestGoroot(t *testing.T) {
	programs := gorootPrograms(t)
	var shared []gorootProgram
	for _, p := range programs {
		if len(p.recipe.flags)+len(p.recipe.env) == 0 {
			shared = append(shared, p)
		}
	}
	g := group{dir: t.TempDir(), programs: shared}
	errNative, errNone := g.build(), g.rewriteNone()
	if err := errors.Join(errNative, errNone); err != nil {
		t.Logf("the shared module: %v", err)
	}
	var alone atomic.Int32
	t.Run("program", func(t *testing.T) {
		for _, p := range programs {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				g := g
				if !g.has(p) || errNone != nil {
					alone.Add(1)
					g = group{dir: t.TempDir(), programs: []gorootProgram{p}}
					if err := errors.Join(g.build(), g.rewriteNone()); err != nil {
						t.Error(err)
					}
				}
				if g.has(p) {
					g.compare(t, p)
				}
			})
		}
	})
	if errNative == nil {
		t.Run("tidy", g.checkTidy)
	}
	t.Logf("%d of %d programs needed a module of their own", alone.Load(), len(programs))
}

// gorootPrograms lists the programs to run and logs how many are left out.
func gorootPrograms(t *testing.T) []gorootProgram {
	r, err := harness.Command{Args: []string{"go", "env", "GOROOT"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(r.Stdout), "test")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("this Go installation comes without its test directory: %v", err)
	}
	skips, err := readSkips("goroot_skips.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, err := findPrograms(dir)
	if err != nil {
		t.Fatal(err)
	}
	var programs []gorootProgram
	skipped, left, lines := 0, 0, 0
	for _, p := range all {
		skip := skips[p.name]
		switch {
		case skip.mode == "all":
			skipped++
			t.Logf("skipped: %s: %s", p.name, skip.reason)
			continue
		case !*gorootFlag && !fastSubset.MatchString(p.name):
			left++
			continue
		case skip.mode == "native":
			lines++
			t.Logf("only with -lines: %s: %s", p.name, skip.reason)
			p.lines = skip.reason
		}
		programs = append(programs, p)
	}
	t.Logf("%d programs have a defer: %d run, %d of them only with -lines; %d skipped; %d left for -goroot",
		len(all), len(programs), lines, skipped, left)
	return programs
}

// A skip says in which mode a program is not run, "all" or "native", and why.
type skip struct{ mode, reason string }

// readSkips reads a table of lines "name mode reason".
func readSkips(file string) (map[string]skip, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	skips := make(map[string]skip)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.SplitN(line, " ", 3)
		if len(fields) < 3 || fields[1] != "all" && fields[1] != "native" {
			return nil, fmt.Errorf("%s: want a name, a mode and a reason: %s", file, line)
		}
		skips[fields[0]] = skip{fields[1], fields[2]}
	}
	return skips, nil
}

// findPrograms collects the single-file programs under dir that this system
// runs and that have a defer statement.
func findPrograms(dir string) ([]gorootProgram, error) {
	var programs []gorootProgram
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasSuffix(file, ".dir") { // the packages of one rundir test
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		src, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(src, []byte("defer")) {
			return err
		}
		r, ok := parseRecipe(string(src))
		if !ok || r.action != "run" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
		if err != nil || !harness.HasDefer(f) {
			return nil // a program for the compiler's errors does not parse
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		p := gorootProgram{name: filepath.ToSlash(rel), src: src, recipe: r}
		if out, err := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out"); err == nil {
			text := string(out)
			p.want = &text
		}
		programs = append(programs, p)
		return nil
	})
	return programs, err
}

// parseRecipe reads the head of a program. It reports false where this system
// does not run it.
func parseRecipe(src string) (recipe, bool) {
	head, _, _ := strings.Cut(src, "\npackage ")
	var r recipe
	for line := range strings.Lines(head) {
		line = strings.TrimSpace(line)
		if constraint.IsGoBuild(line) || constraint.IsPlusBuild(line) {
			if expr, err := constraint.Parse(line); err == nil && !expr.Eval(buildTag) {
				return r, false
			}
		} else if r.action == "" {
			r = parseAction(strings.TrimPrefix(line, "//"))
		}
	}
	return r, r.action != ""
}

func parseAction(line string) recipe {
	words := splitQuoted(line)
	if len(words) == 0 {
		return recipe{}
	}
	r := recipe{action: words[0]}
	if r.action == "buildrun" { // differs from run in a way that does not matter here
		r.action = "run"
	}
	rest := words[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		switch {
		case len(rest) > 1 && (rest[0] == "-goexperiment" || rest[0] == "-godebug"):
			r.env = append(r.env, strings.ToUpper(rest[0][1:])+"="+rest[1])
			rest = rest[1:]
		case len(rest) > 1 && rest[0] == "-t": // a time limit: here is one for all
			rest = rest[1:]
		default:
			r.flags = append(r.flags, rest[0])
		}
		rest = rest[1:]
	}
	r.args = rest
	return r
}

var word = regexp.MustCompile(`(?:[^\s"']|"[^"]*"|'[^']*')+`)

// splitQuoted splits at spaces outside of quotes, and drops the quotes.
func splitQuoted(s string) []string {
	words := word.FindAllString(s, -1)
	for i, w := range words {
		words[i] = strings.NewReplacer(`"`, "", "'", "").Replace(w)
	}
	return words
}

func buildTag(tag string) bool {
	return tag == runtime.GOOS || tag == runtime.GOARCH || tag == "gc" || tag == "test_run" ||
		tag == "unix" && build.Default.GOOS != "windows" && build.Default.GOOS != "plan9" && build.Default.GOOS != "js" && build.Default.GOOS != "wasip1" ||
		tag == "cgo" && build.Default.CgoEnabled ||
		slices.Contains(build.Default.ReleaseTags, tag) || slices.Contains(build.Default.ToolTags, tag)
}

// file is where p goes in the module of its group. It keeps its name, which
// some programs look for in runtime.Caller's answer.
func (p gorootProgram) file() string {
	return p.dir() + "/" + path.Base(p.name)
}

// dir is a name for p's package directory that no other program has.
func (p gorootProgram) dir() string {
	return strings.NewReplacer("/", "_", ".go", "").Replace(p.name)
}

// A group is programs that share a module, each a package of it: in src before
// the rewrite, in native, lines and none after it. Executables are in the
// directories of these names with a suffix -bin; there are none for mode none.
type group struct {
	dir      string
	programs []gorootProgram
}

// build writes the module, rewrites it for native, with -lines too, and builds all. Some
// executables may be there although its error is not nil.
func (g group) build() error {
	src := filepath.Join(g.dir, "src")
	if err := writeFile(src, "go.mod", []byte("module gorun\n\ngo 1.26\n")); err != nil {
		return err
	}
	for _, p := range g.programs {
		if err := writeFile(src, p.file(), p.src); err != nil {
			return err
		}
	}
	if err := g.goBuild("src", g.bin("src")); err != nil {
		// The others can go on without what does not build here.
		for _, p := range g.programs {
			if _, missing := os.Stat(g.exe("src", p)); missing != nil {
				err = errors.Join(err, os.RemoveAll(filepath.Join(src, p.dir())))
			}
		}
		if err = fmt.Errorf("before rewriting: %w", err); len(g.programs) == 1 {
			return err
		}
		return errors.Join(err, g.rewriteNative())
	}
	return g.rewriteNative()
}

func (g group) rewriteNative() error {
	var errs []error
	for _, m := range modes {
		if m.name == "none" {
			continue
		}
		_, err := rewrite(filepath.Join(g.dir, "src"), append(m.flags, "-o", filepath.Join(g.dir, m.name))...)
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
	if _, err := rewrite(src, "-unwind=none", "-o", out); err != nil {
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

// checkTidy checks that gofmt and vet find nothing new, and that a rewrite of
// the output changes nothing.
func (g group) checkTidy(t *testing.T) {
	src, out := filepath.Join(g.dir, "src"), filepath.Join(g.dir, "native")
	checkFormat(t, program{src: src}, out)
	checkUnchanged(t, modes[0], out)
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
	if to != os.DevNull {
		if err := os.MkdirAll(to, 0o777); err != nil {
			return err
		}
	}
	args := []string{"go", "build", "-buildvcs=false", "-o", to}
	// A group with flags is of one program.
	args = append(args, g.programs[0].recipe.flags...)
	_, err := harness.Command{
		Dir:   filepath.Join(g.dir, tree),
		Env:   g.programs[0].recipe.env,
		Args:  append(args, "./..."),
		Limit: 15 * time.Minute,
	}.RunOK()
	return err
}

func (g group) bin(tree string) string { return filepath.Join(g.dir, tree+"-bin") }

func (g group) exe(tree string, p gorootProgram) string {
	return filepath.Join(g.bin(tree), harness.Exe(p.dir()))
}

// has reports whether p was built before and after the rewrite.
func (g group) has(p gorootProgram) bool {
	for _, tree := range []string{"src", "native", "lines"} {
		if _, err := os.Stat(g.exe(tree, p)); err != nil {
			return false
		}
	}
	return true
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
	for _, tree := range []string{"native", "lines"} {
		if tree == "native" && p.lines != "" {
			continue
		}
		got, err := g.run(tree, p)
		if err != nil {
			t.Errorf("%s: %v", tree, err)
		} else if diff := harness.Compare(want, got, !trace); diff != "" {
			t.Errorf("%s: %s", tree, diff)
		}
	}
}

func (g group) run(tree string, p gorootProgram) (harness.Result, error) {
	dir := filepath.Join(g.dir, tree, p.dir())
	r, err := harness.Command{
		Dir:   dir,
		Env:   p.recipe.env,
		Args:  append([]string{g.exe(tree, p)}, p.recipe.args...),
		Limit: 2 * time.Minute,
	}.Run()
	// Some print their file name.
	r.Stdout = strings.ReplaceAll(r.Stdout, dir, "DIR")
	r.Stderr = strings.ReplaceAll(r.Stderr, dir, "DIR")
	return r, err
}
