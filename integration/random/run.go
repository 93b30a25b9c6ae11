package random

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

//go:embed testdata/rt/rt.go
var support string

// A Difference is a program that a rewrite changes, or cannot do.
type Difference struct {
	Program Program
	Minor   int
	Mode    string // see modes
	Kind    string // rewrite, build, vet or trace
	Detail  string
}

// modes are the flags of dedefer rewrite for each way to rewrite a program.
var modes = map[string][]string{
	"native": {"-unwind=native"},
	"keep":   {"-unwind=native", "-keep"},
	"none":   {"-unwind=none"},
}

// A Runner compares programs before and after a rewrite, many in one module.
type Runner struct {
	Tool  string        // the dedefer command
	Dir   string        // for the modules; each batch makes its own and removes it
	Minor int           // go.mod says go 1.Minor
	Limit time.Duration // of one program's run; 0: five minutes
	Modes []string      // default: native and none
	Flags []string      // of go build, before and after the rewrite
	Args  []string      // more flags of dedefer rewrite

	Unfit int // programs left out because Go itself cannot run them: see crashesGo
}

// rewriteFails returns how rewriting p alone fails, or "".
func (r *Runner) rewriteFails(mode string, p Program) string {
	dir, err := os.MkdirTemp(r.Dir, "one")
	if err != nil {
		return ""
	}
	defer os.RemoveAll(dir)
	b := &batch{Runner: r, src: filepath.Join(dir, "src"), alive: []Program{p}}
	if err := WriteModule(b.src, r.Minor, b.alive); err != nil {
		return ""
	}
	if err := b.rewrite(mode, filepath.Join(dir, "out")); err != nil {
		return err.Error()
	}
	return ""
}

// A batch is one module while it is compared.
type batch struct {
	*Runner
	src   string
	exe   string // what is before a rewrite
	alive []Program
	found []Difference
	known map[string]map[string]int // what vet says of each program before a rewrite, and how often
}

// Compare returns the differences of the programs. Its error is for programs
// that do not compile or do not end: faults of the generator.
func (r *Runner) Compare(programs []Program) ([]Difference, error) {
	dir, err := os.MkdirTemp(r.Dir, "batch")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	b := &batch{Runner: r, src: filepath.Join(dir, "src"), alive: programs}
	if err := WriteModule(b.src, r.Minor, programs); err != nil {
		return nil, err
	}
	b.exe = filepath.Join(dir, harness.Exe("native"))
	if err := harness.GoBuild(b.src, b.exe, b.Flags...); err != nil {
		return nil, err
	}
	want := make(map[string]harness.Result)
	var faults []error
	for _, p := range programs {
		res, err := r.run(b.exe, p)
		if err == nil && res.Exit != 0 && crashesGo(res) {
			r.Unfit++
			continue
		}
		if err == nil && res.Exit != 0 {
			err = fmt.Errorf("exit %d\n%s", res.Exit, harness.Clip(res.Stderr, 20))
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s, seed %d: %v", p.Name, p.Seed, err))
			continue
		}
		want[p.Name] = res
	}
	programs = slices.DeleteFunc(slices.Clone(programs), func(p Program) bool { return want[p.Name].Stdout == "" })
	in := r.Modes
	if in == nil {
		in = []string{"native", "none"}
	}
	for _, mode := range in {
		b.alive = programs
		if err := b.compare(mode, filepath.Join(dir, "out-"+mode), want); err != nil {
			return nil, err
		}
	}
	return b.found, errors.Join(faults...)
}

// crashesGo reports whether a program, before a rewrite, ended in a fault of the Go runtime, go
// 1.26 and earlier: where a deferred function is nil and the stack then grows,
// it loses track of its panics and of the frame that a recover returns to.
func crashesGo(r harness.Result) bool {
	return strings.Contains("\n"+r.Stderr, "\nfatal error: bad recovery\n") || strings.Contains("\n"+r.Stderr, "\nfatal error: bad panic stack\n")
}

// WriteModule writes a module whose command runs the programs named by its
// arguments.
func WriteModule(dir string, minor int, programs []Program) error {
	files := map[string]string{
		"go.mod":   fmt.Sprintf("module random\n\ngo 1.%d\n", minor),
		"rt/rt.go": support,
		"main.go":  mainText(programs),
	}
	for _, p := range programs {
		files[p.Name+"/"+p.Name+".go"] = p.Head + p.Src
	}
	return harness.WriteFiles(dir, files)
}

func mainText(programs []Program) string {
	var imports, cases strings.Builder
	for _, p := range programs {
		fmt.Fprintf(&imports, "\t\"random/%s\"\n", p.Name)
		fmt.Fprintf(&cases, "\t\tcase %q:\n\t\t\t%s.Run()\n", p.Name, p.Name)
	}
	return "package main\n\nimport (\n\t\"os\"\n" + imports.String() + ")\n\nfunc main() {\n\tfor _, name := range os.Args[1:] {\n\t\tswitch name {\n" +
		cases.String() + "\t\t}\n\t}\n}\n"
}

func (r *Runner) run(exe string, p Program) (harness.Result, error) {
	limit := r.Limit
	if limit == 0 {
		limit = 5 * time.Minute
	}
	return harness.Command{Args: []string{exe, p.Name}, Limit: limit, Env: []string{"GOTRACEBACK=single"}}.Run()
}

// compare rewrites the module in one mode, builds and runs it.
func (b *batch) compare(mode, out string, want map[string]harness.Result) error {
	for {
		if len(b.alive) == 0 {
			return nil
		}
		if b.rewriteAll(mode, out) {
			break
		}
	}
	if err := b.vet(mode, out); err != nil {
		return err
	}
	if mode == "none" {
		// The others are not run: that their packages type-check is enough,
		// and the tool itself has seen to that.
		b.alive = slices.DeleteFunc(slices.Clone(b.alive), func(p Program) bool { return !p.Calm })
		if err := os.WriteFile(filepath.Join(out, "main.go"), []byte(mainText(b.alive)), 0o666); err != nil {
			return err
		}
	}
	exe := out + harness.Exe("-exe")
	if err := b.build(mode, out, exe); err != nil {
		return err
	}
	for _, p := range b.alive {
		got, err := b.run(exe, p)
		if err != nil {
			b.note(p, mode, "trace", err.Error())
			continue
		}
		if crashesGo(got) && b.crashes(p) {
			b.Unfit++
			continue
		}
		if diff := harness.Compare(want[p.Name], got, false); diff != "" {
			b.note(p, mode, "trace", diff)
		}
	}
	return nil
}

// crashes reports whether p, before a rewrite, crashes Go now and then: whether the stack
// grows in the wrong moment depends on the garbage collector.
func (b *batch) crashes(p Program) bool {
	for range 20 {
		if res, err := b.run(b.exe, p); err == nil && crashesGo(res) {
			return true
		}
	}
	return false
}

func (b *batch) note(p Program, mode, kind, detail string) {
	b.found = append(b.found, Difference{p, b.Minor, mode, kind, detail})
}

// rewriteAll rewrites the programs that are alive. If that fails, it takes out
// those that are to blame and reports false.
func (b *batch) rewriteAll(mode, out string) bool {
	err := b.rewrite(mode, out)
	if err == nil {
		return true
	}
	blamed := func(p Program) bool { return strings.Contains(err.Error(), p.Name+"/"+p.Name+".go") }
	if !slices.ContainsFunc(b.alive, blamed) {
		blamed = func(Program) bool { return true }
	}
	for _, p := range b.alive {
		if blamed(p) {
			b.note(p, mode, "rewrite", err.Error())
		}
	}
	b.alive = slices.DeleteFunc(slices.Clone(b.alive), blamed)
	return false
}

func (b *batch) rewrite(mode, out string) error {
	args := slices.Concat([]string{b.Tool, "rewrite", "-C", b.src, "-f", "-o", out}, modes[mode], b.Args)
	for _, p := range b.alive {
		args = append(args, "./"+p.Name)
	}
	_, err := harness.Command{Args: args}.RunOK()
	return err
}

// vet notes what go vet says of a program that it did not say of it before. It takes
// nothing out.
func (b *batch) vet(mode, out string) error {
	if b.known == nil {
		known, err := b.findings(b.src)
		if err != nil {
			return err
		}
		b.known = known
	}
	after, err := b.findings(out)
	if err != nil {
		return err
	}
	for _, p := range b.alive {
		if b.known[p.Name][vetCrash] > 0 {
			continue
		}
		for msg, n := range after[p.Name] {
			// What a literal does may stand at several exits.
			before := b.known[p.Name][msg]
			if before == 0 || n > 2*before && msg == "unreachable code" {
				b.note(p, mode, "vet", msg)
			}
		}
	}
	return nil
}

// vetCrash is what is noted where go vet itself crashes, as Go 1.26.8's does on a method
// expression of a type that is written out: interface{ M() }.M(x).
const vetCrash = "crash"

var vetCrashed = regexp.MustCompile(`(?m)^# \[?random/(\w+)\]?\npanic: `)

var vetFinding = regexp.MustCompile(`(?m)^(?:vet: )?(?:\./)?(\w+)/\w+\.go:[0-9:]+ (.*)$`)

// findings runs go vet on all programs that are alive. What does not build is left to
// build.
func (b *batch) findings(dir string) (map[string]map[string]int, error) {
	args := []string{"go", "vet"}
	for _, p := range b.alive {
		args = append(args, "./"+p.Name)
	}
	res, err := harness.Command{Dir: dir, Args: args}.Run()
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]int{}
	for _, m := range vetFinding.FindAllStringSubmatch(res.Stderr, -1) {
		if found[m[1]] == nil {
			found[m[1]] = map[string]int{}
		}
		msg, _, _ := strings.Cut(m[2], " of ") // a variable may have another name
		found[m[1]][msg]++
	}
	for _, m := range vetCrashed.FindAllStringSubmatch(res.Stderr, -1) {
		found[m[1]] = map[string]int{vetCrash: 1}
	}
	return found, nil
}

var failedPackage = regexp.MustCompile(`(?m)^# random/(\w+)$`)

// build builds the rewritten module and takes out what does not build.
func (b *batch) build(mode, out, exe string) error {
	for {
		err := harness.GoBuild(out, exe, b.Flags...)
		if err == nil {
			return nil
		}
		res, _ := harness.Command{Dir: out, Args: []string{"go", "build", "-gcflags=-e", "./..."}}.Run()
		failed := failedPackage.FindAllStringSubmatch(res.Stderr, -1)
		if len(failed) == 0 {
			return err
		}
		b.alive = slices.Clone(b.alive)
		for _, m := range failed {
			i := slices.IndexFunc(b.alive, func(p Program) bool { return p.Name == m[1] })
			if i < 0 {
				return err
			}
			_, detail, _ := strings.Cut(res.Stderr, m[0]+"\n")
			detail, _, _ = strings.Cut(detail, "\n# ")
			b.note(b.alive[i], mode, "build", detail)
			b.alive = slices.Delete(b.alive, i, i+1)
		}
		if err := os.WriteFile(filepath.Join(out, "main.go"), []byte(mainText(b.alive)), 0o666); err != nil {
			return err
		}
	}
}
