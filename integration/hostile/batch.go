package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
	"github.com/dedefer/dedefer/rewrite"
)

// An Input is one package of hostile source.
type Input struct {
	Name string // how it was made
	Src  string // its one file
}

// A Failure is an input that dedefer gets wrong.
type Failure struct {
	Input
	Kind   string
	Detail string
}

// Counts tell what became of the inputs.
type Counts struct{ Inputs, Accepted, Refused int }

func (c *Counts) add(d Counts) {
	c.Inputs += d.Inputs
	c.Accepted += d.Accepted
	c.Refused += d.Refused
}

func (c Counts) String() string {
	return fmt.Sprintf("%d inputs: %d accepted, %d refused as the go command does", c.Inputs, c.Accepted, c.Refused)
}

// limit is how long a batch may take in one step. The go command itself
// needs most of it.
const limit = 20 * time.Minute

// A batch is a module with a package for each input.
type batch struct {
	dir    string
	inputs map[string]Input // by the name of the package's directory
	alive  []string         // such names, sorted
	wrong  map[string]string
	counts Counts
	failed []Failure
}

var modes = []struct {
	name string
	opts rewrite.Options
}{
	{"native", rewrite.Options{}},
	{"lines", rewrite.Options{Lines: true}},
	{"none", rewrite.Options{Unwind: rewrite.None}},
}

// Try rewrites inputs in every mode, in a module below dir.
func Try(dir string, inputs []Input) (Counts, []Failure, error) {
	b := &batch{dir: dir, inputs: map[string]Input{}, counts: Counts{Inputs: len(inputs)}}
	for i, in := range inputs {
		name := fmt.Sprintf("p%04d", i)
		b.inputs[name] = in
		b.alive = append(b.alive, name)
		if err := harness.WriteFile(filepath.Join(dir, "src", name, "p.go"), in.Src); err != nil {
			return b.counts, nil, err
		}
	}
	if err := harness.WriteFile(filepath.Join(dir, "src", "go.mod"), goMod); err != nil {
		return b.counts, nil, err
	}
	var err error
	if b.wrong, err = b.wrongPackages("src"); err != nil {
		return b.counts, nil, err
	}
	for name, msg := range b.wrong {
		if msg == notFound {
			b.drop(name)
			b.counts.Refused++
		}
	}
	prog := b.load()
	b.counts.Accepted = len(b.alive)
	for _, name := range b.alive {
		if msg := b.wrong[name]; msg != "" {
			b.fail(name, "accepted, but does not build", msg)
		}
	}
	for _, m := range modes {
		for prog != nil {
			again, err := b.rewrite(m.name, m.opts, prog)
			if err != nil {
				return b.counts, b.failed, err
			}
			if !again {
				break
			}
			prog = b.load()
		}
	}
	return b.counts, b.failed, nil
}

// notFound is what is wrong with a directory that has no file for this system:
// the go command passes over it.
const notFound = "not found"

const goMod = "module hostile\n\ngo 1.26\n"

// wrongPackages compiles the packages of the module in a directory of b's and
// returns what is wrong with those that do not build. Nothing is linked.
func (b *batch) wrongPackages(dir string) (map[string]string, error) {
	r, err := harness.Command{Dir: filepath.Join(b.dir, dir), Args: []string{"go", "list", "-e", "-export", "-json=ImportPath,Error,DepsErrors", "./..."}, Limit: limit}.Run()
	if err != nil {
		return nil, err
	}
	wrong := map[string]string{}
	for _, name := range b.alive {
		wrong[name] = notFound
	}
	dec := json.NewDecoder(strings.NewReader(r.Stdout))
	for {
		var p struct {
			ImportPath string
			Error      *struct{ Err string }
			DepsErrors []*struct{ Err string }
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w\n%s", err, harness.Clip(r.Stderr, 10))
		}
		name := strings.TrimPrefix(p.ImportPath, "hostile/")
		delete(wrong, name)
		for _, e := range p.DepsErrors {
			wrong[name] += e.Err
		}
		if p.Error != nil {
			wrong[name] += p.Error.Err
		}
	}
	return wrong, nil
}

func (b *batch) fail(name, kind, detail string) {
	b.failed = append(b.failed, Failure{b.inputs[name], kind, detail})
}

// drop takes a package out.
func (b *batch) drop(name string) {
	b.alive = slices.DeleteFunc(b.alive, func(s string) bool { return s == name })
}

// load loads what is alive, after dropping what is refused. It returns nil if
// nothing is left.
func (b *batch) load() *rewrite.Program {
	for len(b.alive) > 0 {
		prog, err := b.loadSome(b.alive)
		if err == nil {
			return prog
		}
		refused := b.blamed(err)
		if len(refused) == 0 {
			refused = b.blamedAlone()
		}
		if len(refused) == 0 {
			b.fail(b.alive[0], "refused only together with others", err.Error())
			return nil
		}
		for name, msg := range refused {
			b.drop(name)
			if b.wrong[name] == "" {
				b.fail(name, "refused, but builds", msg)
			} else {
				b.counts.Refused++
			}
		}
	}
	return nil
}

func (b *batch) loadSome(names []string) (*rewrite.Program, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	patterns := make([]string, len(names))
	for i, name := range names {
		patterns[i] = "./" + name
	}
	prog, err := rewrite.Load(ctx, rewrite.Options{Dir: filepath.Join(b.dir, "src")}, patterns...)
	if err != nil {
		return nil, err
	}
	// What it says of the output comes later, in each mode.
	res, err := rewrite.Rewrite(ctx, prog, rewrite.Options{})
	if err == nil && len(res.Left) > 0 {
		return nil, res.Errors()
	}
	return prog, nil
}

// blamed returns the packages that err names, each with what it says.
func (b *batch) blamed(err error) map[string]string {
	msgs := map[string]string{}
	var list rewrite.ErrorList
	var bug *rewrite.BugError
	switch {
	case errors.As(err, &list):
		for _, e := range list {
			if name := b.packageOf(e.Pos.Filename); name != "" {
				msgs[name] += e.Error() + "\n"
			}
		}
	case errors.As(err, &bug):
		if name := b.packageOf(bug.Pos.Filename); name != "" {
			msgs[name] = bug.Error()
		}
	}
	if len(msgs) == 0 { // some errors have no position, but a path
		for _, name := range b.alive {
			if strings.Contains(err.Error(), name) {
				msgs[name] = err.Error()
			}
		}
	}
	return msgs
}

// packageOf returns the directory that a file is in, if it is that of an input.
func (b *batch) packageOf(file string) string {
	rel, err := filepath.Rel(filepath.Join(b.dir, "src"), file)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
	if !slices.Contains(b.alive, name) {
		return ""
	}
	return name
}

// blamedAlone finds the packages that are refused without a position, or with
// that of a //line directive.
func (b *batch) blamedAlone() map[string]string {
	msgs := map[string]string{}
	var try func(names []string)
	try = func(names []string) {
		_, err := b.loadSome(names)
		switch {
		case err == nil:
		case len(names) == 1:
			msgs[names[0]] = err.Error()
		default:
			try(names[:len(names)/2])
			try(names[len(names)/2:])
		}
	}
	try(b.alive)
	return msgs
}

// rewrite rewrites what is alive in one mode and checks the output. It
// reports whether something was dropped on the way and it has to be done again.
func (b *batch) rewrite(mode string, opts rewrite.Options, prog *rewrite.Program) (again bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	res, err := rewrite.Rewrite(ctx, prog, opts)
	if err != nil {
		bugs := b.blamed(err)
		if len(bugs) == 0 {
			return false, fmt.Errorf("%s: %w", mode, err)
		}
		for name, msg := range bugs {
			b.fail(name, mode+": a bug", msg)
			b.drop(name)
		}
		return true, nil
	}
	return false, b.check(mode, opts, prog, res)
}

// check compares the output with what it should be.
func (b *batch) check(mode string, opts rewrite.Options, prog *rewrite.Program, res *rewrite.Result) error {
	second, err := rewrite.Rewrite(context.Background(), prog, opts)
	if err != nil {
		return fmt.Errorf("%s, rewritten once more: %w", mode, err)
	}
	out := filepath.Join(b.dir, mode)
	defer os.RemoveAll(out)
	for _, name := range b.alive {
		if err := harness.WriteFile(filepath.Join(out, name, "p.go"), b.inputs[name].Src); err != nil {
			return err
		}
	}
	if err := harness.WriteFile(filepath.Join(out, "go.mod"), goMod); err != nil {
		return err
	}
	for i, f := range res.Files {
		name := b.packageOf(f.Name)
		if i >= len(second.Files) || !bytes.Equal(f.New, second.Files[i].New) {
			b.fail(name, mode+": not the same the second time", f.Name)
		}
		if formatted(f.Old) && !formatted(f.New) {
			b.fail(name, mode+": not gofmt-clean", unformatted(f.New))
		}
		rel, err := filepath.Rel(filepath.Join(b.dir, "src"), f.Name)
		if err != nil {
			return err
		}
		if err := harness.WriteFile(filepath.Join(out, rel), string(f.New)); err != nil {
			return err
		}
	}
	wrong, err := b.wrongPackages(mode)
	if err != nil {
		return err
	}
	for name, msg := range wrong {
		if b.wrong[name] == "" {
			b.fail(name, mode+": the output does not build", msg)
		}
	}
	return nil
}

func unformatted(src []byte) string {
	out, err := format.Source(src)
	if err != nil {
		return err.Error()
	}
	return harness.Diff(string(out), string(src))
}

func formatted(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(src, out)
}
