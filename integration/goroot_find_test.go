package integration

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

// A treatment is what is done with a program of GOROOT/test that has a defer.
type treatment string

const (
	runs     treatment = "compared by what it does"
	compiles treatment = "has to compile after a rewrite as before"
	checks   treatment = "as compile, or where the compiler refuses it, dedefer has to do so too"
	left     treatment = "left alone"
)

// treatments has each action of Go's own test runner.
var treatments = map[string]treatment{
	"run": runs, "buildrun": runs, "rundir": runs, "runindir": runs, "runoutput": runs,
	"build": compiles, "compile": compiles, "compiledir": compiles, "asmcheck": compiles,
	"errorcheck": checks, "errorcheckwithauto": checks,
	"skip": left, // some are parts of the programs of others
	// No program of these has a defer.
	"builddir": left, "buildrundir": left, "errorcheckandrundir": left, "errorcheckdir": left, "errorcheckoutput": left,
}

// A gorootProgram is one program of GOROOT/test. Its main package is the
// directory dir of its module.
type gorootProgram struct {
	name   string // such as "fixedbugs/bug101.go"
	recipe recipe
	files  map[string][]byte // by name, seen from dir
	want   *string           // stdout and stderr together, from its .out file
	lines  string            // why it behaves the same only with -lines, if so

	generated bool // written by a program: it may be very large
}

// dir is a name for p's directory that no other program has. A whole
// directory of GOROOT/test makes a module of its own.
func (p gorootProgram) dir() string {
	if p.recipe.action == "runindir" {
		return "."
	}
	return strings.NewReplacer("/", "_", ".go", "").Replace(p.name)
}

// module is the path of the module that p needs, which has the shared programs
// too if it is sharedModule.
func (p gorootProgram) module() string {
	if p.recipe.action == "runindir" {
		return strings.TrimSuffix(path.Base(p.name), ".go") + ".dir"
	}
	return sharedModule
}

const sharedModule = "gorun"

// alone reports whether p cannot share a module and a build with others.
func (p gorootProgram) alone() bool {
	return len(p.recipe.buildFlags())+len(p.recipe.env) > 0 || p.module() != sharedModule || p.generated
}

// refused reports whether the compiler must not accept p.
func (p gorootProgram) refused() bool {
	return treatments[p.recipe.action] == checks && !slices.Contains(p.recipe.flags, "-0")
}

// hasDefer reports whether one of p's files has a defer statement, as far as it
// can be parsed.
func (p gorootProgram) hasDefer() bool {
	for _, src := range p.files {
		f, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
		if f != nil && harness.HasDefer(f) {
			return true
		}
	}
	return false
}

// A census counts the programs of one action.
type census struct {
	all       int
	defers    int      // have a defer
	elsewhere []string // of these, those that build constraints leave out
}

// gorootPrograms lists the programs to rewrite, and logs what there is and how
// many are left out.
func gorootPrograms(t *testing.T) []gorootProgram {
	dir := filepath.Join(goroot(t), "test")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("this Go installation comes without its test directory: %v", err)
	}
	skips, err := readSkips("goroot_skips.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, counts, err := findPrograms(dir)
	if err != nil {
		t.Fatal(err)
	}
	var programs []gorootProgram
	skipped, notNow, lines := 0, 0, 0
	for _, p := range all {
		skip := skips[p.name]
		switch {
		case skip.mode == "all":
			skipped++
			t.Logf("skipped: %s: %s", p.name, skip.reason)
			continue
		case !*gorootFlag && !fastSubset.MatchString(p.name):
			notNow++
			continue
		case skip.mode == "native":
			lines++
			t.Logf("only with -lines: %s: %s", p.name, skip.reason)
			p.lines = skip.reason
		}
		if p.recipe.action == "runoutput" {
			out, err := p.output(dir)
			if err != nil {
				t.Error(err)
			}
			if out.hasDefer() {
				programs = append(programs, out)
			}
			if !p.hasDefer() {
				continue
			}
			p.want = nil
		}
		programs = append(programs, p)
	}
	logCensus(t, counts)
	t.Logf("%d programs to rewrite, %d of them compared only with -lines; %d skipped; %d left for -goroot",
		len(programs), lines, skipped, notNow)
	return programs
}

func goroot(t *testing.T) string {
	r, err := harness.Command{Args: []string{"go", "env", "GOROOT"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(r.Stdout)
}

func logCensus(t *testing.T, counts map[string]census) {
	var actions []string
	for a := range treatments {
		actions = append(actions, a)
	}
	slices.Sort(actions)
	for _, a := range actions {
		c := counts[a]
		t.Logf("%-20s %4d programs, %3d with a defer: %s", a, c.all, c.defers, treatments[a])
		if len(c.elsewhere) > 0 {
			t.Logf("%-20s not for this system: %s", a, strings.Join(c.elsewhere, ", "))
		}
		if treatments[a] == left && a != "skip" && c.defers > 0 {
			t.Errorf("%s: has programs with a defer now", a)
		}
	}
}

// findPrograms collects the programs under dir that this system runs and that
// have a defer statement, or may write a program that does, and counts all.
func findPrograms(dir string) ([]gorootProgram, map[string]census, error) {
	var programs []gorootProgram
	counts := make(map[string]census)
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasSuffix(file, ".dir") { // the packages of one program
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		p := gorootProgram{name: filepath.ToSlash(rel)}
		mayDefer, err := p.read(dir)
		if _, known := treatments[p.recipe.action]; err != nil || !known {
			return err
		}
		c := counts[p.recipe.action]
		c.all++
		if mayDefer {
			c.defers++
			if p.recipe.elsewhere {
				c.elsewhere = append(c.elsewhere, p.name)
			} else if treatments[p.recipe.action] != left {
				programs = append(programs, p)
			}
		}
		counts[p.recipe.action] = c
		return nil
	})
	return programs, counts, err
}

// read reads p's files. It reports whether p has a defer statement or, if it
// writes a program, the word.
func (p *gorootProgram) read(dir string) (mayDefer bool, err error) {
	file := filepath.Join(dir, filepath.FromSlash(p.name))
	src, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	p.recipe = parseRecipe(string(src))
	stem := strings.TrimSuffix(file, ".go")
	switch p.recipe.action {
	case "rundir", "compiledir":
		p.files, err = readPackages(stem+".dir", path.Join(sharedModule, p.dir()), slices.Contains(p.recipe.flags, "-s"))
		p.recipe.flags = slices.DeleteFunc(p.recipe.flags, func(f string) bool { return f == "-s" })
	case "runindir":
		p.files, err = readAll(stem + ".dir")
		if p.recipe.version == "" {
			p.recipe.version = "1.14" // as Go's test runner does
		}
	default:
		p.files = map[string][]byte{path.Base(p.name): src}
		if p.recipe.action == "runoutput" {
			err = p.readParts(dir)
		} else if lacksBody(src) {
			p.files["empty.s"] = nil // go build then lets functions have no body
		}
	}
	if err != nil {
		return false, err
	}
	if out, err := os.ReadFile(stem + ".out"); err == nil {
		text := string(out)
		p.want = &text
	}
	for _, src := range p.files {
		mayDefer = mayDefer || bytes.Contains(src, []byte("defer"))
	}
	return mayDefer && (p.recipe.action == "runoutput" || p.hasDefer()), nil
}

func lacksBody(src []byte) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil && slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Body == nil
	})
}

// readParts adds the files that go run finds among p's arguments.
func (p *gorootProgram) readParts(dir string) error {
	for len(p.recipe.args) > 0 && strings.HasSuffix(p.recipe.args[0], ".go") {
		file := p.recipe.args[0]
		src, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			return err
		}
		p.files[path.Base(file)] = src
		p.recipe.args = p.recipe.args[1:]
	}
	return nil
}

// output runs p, which writes a program.
func (p gorootProgram) output(dir string) (gorootProgram, error) {
	tmp, err := os.MkdirTemp("", "runoutput")
	if err != nil {
		return gorootProgram{}, err
	}
	defer os.RemoveAll(tmp)
	args := []string{"go", "run"}
	for name, src := range p.files {
		if err := writeFile(tmp, name, src); err != nil {
			return gorootProgram{}, err
		}
		args = append(args, filepath.Join(tmp, name))
	}
	r, err := harness.Command{Dir: dir, Args: append(args, p.recipe.args...)}.RunOK()
	return gorootProgram{
		name:      p.name + "/output",
		recipe:    recipe{action: "run"},
		files:     map[string][]byte{"tmp__.go": []byte(r.Stdout)},
		want:      p.want,
		generated: true,
	}, err
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
