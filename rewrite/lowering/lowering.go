/*
Package lowering lowers the defer statements of one package: it is the steps
analysis, plan, lower and emit, which package rewrite takes a module's packages
through one by one.

	fset := token.NewFileSet()
	syn, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	...
	pkg := &lowering.Package{
		Path: "p", Fset: fset, Importer: importer.Default(),
		Files: []*lowering.File{{Name: "p.go", Src: src, Syntax: syn}},
	}
	if err := pkg.TypeCheck(nil); err != nil { ... }
	out, err := lowering.Lower(pkg, lowering.Options{Unwind: lowering.None}, lowering.NewFacts())
	// out.Files[0].New is the text of p.go without defer statements

It runs no command, reads no file and writes none.
*/
package lowering

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/emit"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/lower"
	"github.com/dedefer/dedefer/rewrite/internal/nopanic"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
	"github.com/dedefer/dedefer/runtime"
)

type (
	// A Package is parsed and type-checked.
	Package = syntax.Package
	// A File is one of its files.
	File = syntax.File
	// Facts are what is known of functions, of other packages too.
	Facts = facts.Store
)

// NewFacts returns a store that knows of no function.
func NewFacts() Facts { return facts.NewMemory() }

// Unwind says what happens to a frame's pending calls when a panic or a
// Goexit passes through it.
type Unwind int

const (
	Native Unwind = iota // the chain runs, exactly as Go does
	None                 // nothing runs: for targets that trap on panic
)

func (u Unwind) String() string {
	if u == None {
		return "none"
	}
	return "native"
}

// Options steer Lower.
type Options struct {
	Unwind  Unwind
	Keep    bool // leave the defer statements of a function as they are where gc's own code is at least as good; only with Native
	Lines   bool // emit //line directives
	Origins bool // tell where the lines of a Text come from, and the graphs of functions; of no use with Lines
	Alone   bool // nothing that is proved of functions of other packages counts
	Prove   bool // let other packages know what can be proved of the functions of this one
	Compile bool // the text is for a compiler alone: it has //line directives, is not formatted, and not type-checked
	Runtime *Runtime
	Only    func(*File, ast.Decl) bool // what is lowered, and reported; nil: everything
	Private bool                       // the package gets what it needs of the runtime as files of its own (Lowered.Runtime), and imports none
}

// A Runtime is where lowered code finds the bundled runtime. Lowered.Uses says whether
// it needs it; nil stands for the one at "dedefer/internal/dedefer".
type Runtime = emit.Runtime

// NewRuntime returns the bundled runtime at an import path. Before the text of
// each of its files comes head.
func NewRuntime(path, head string) *Runtime {
	rt := &Runtime{Path: path, Files: map[string]string{}}
	for name, text := range runtime.Source() {
		rt.Files[name] = head + text
	}
	return rt
}

// Lowered is what Lower returns.
type Lowered struct {
	Files   []Text // those that changed, in the order of the package's
	Report  Report
	Uses    runtime.Use       // of the bundled runtime
	Runtime map[string]string // with Options.Private: files to add to the package, by base name
}

// A Text is the new text of a file.
type Text struct {
	File  *File
	New   []byte
	Lines []Line // with Options.Origins: of New, in order
}

// A Line of the output was made for what its fields say, and comes from the input
// as it stands where all are nil.
type Line struct {
	From     int // line of the input, or 0
	Function *Function
	Site     *Site
	Exit     *Exit  // with Site: its call there; alone: the results are set, or returned
	Guard    *Guard // with Site: its call in the guard
	Tail     bool   // it is in the chain that exits share
}

// Lower lowers every defer statement of pkg, which is type-checked. It adds to
// known what it finds out about the functions of pkg. Its error is an ErrorList
// for what is wrong with the input, or a *BugError where the output would not
// type-check.
func Lower(pkg *Package, opts Options, known Facts) (*Lowered, error) {
	if opts.Runtime == nil {
		opts.Runtime = NewRuntime("dedefer/internal/dedefer", "")
	}
	l := newLowerer(pkg, opts, known)
	defer l.prove()
	if err := l.files(); err != nil {
		return nil, err
	}
	return l.out, nil
}

// Prove adds to known what Lower would, and lowers nothing.
func Prove(pkg *Package, opts Options, known Facts) { newLowerer(pkg, opts, known).prove() }

// A lowerer takes one package through the steps.
type lowerer struct {
	pkg     *Package
	opts    Options
	known   Facts
	own     *facts.Package
	globals *analysis.Globals
	prover  *nopanic.Prover
	prefix  string // with Private: of the runtime's names
	copies  map[runtime.Use]*runtime.Copy
	out     *Lowered
}

// newLowerer adds to known which functions of pkg call recover or Goexit.
func newLowerer(pkg *Package, opts Options, known Facts) *lowerer {
	l := &lowerer{pkg: pkg, opts: opts, known: known, globals: analysis.NewGlobals(pkg), out: &Lowered{}}
	l.own = &facts.Package{Path: pkg.Path, Funcs: map[string]facts.Func{}}
	for _, f := range pkg.Files {
		facts.Scan(l.own.Funcs, f.Name, f.Src, f.Syntax)
	}
	facts.Resolve(l.own.Funcs, pkg.Types.Scope())
	for name := range pkg.Recover { // in another build
		name = facts.Resolved(name, pkg.Types.Scope())
		if f, ok := l.own.Funcs[name]; ok {
			f.Recovers = true
			l.own.Funcs[name] = f
		}
	}
	known.Set(l.own)
	if opts.Private {
		l.prefix = freshPrefix(pkg)
	}
	if opts.Alone {
		l.prover = nopanic.New(pkg, nil, l.globals)
	} else {
		l.prover = nopanic.New(pkg, known, l.globals)
	}
	return l
}

// prove adds to known what can be proved, if somebody has asked for it.
func (l *lowerer) prove() {
	if l.opts.Prove && l.opts.Unwind == Native && !l.opts.Alone {
		l.prover.Prove(l.own.Funcs)
		l.known.Set(l.own)
	}
}

func (l *lowerer) files() error {
	changed := map[string][]byte{}
	var lowered []*loweredFile
	for _, f := range l.pkg.Files {
		lf, err := l.file(f)
		if err != nil {
			return err
		}
		if lf == nil || bytes.Equal(lf.text, f.Src) {
			continue
		}
		lowered = append(lowered, lf)
		changed[f.Name] = lf.text
		l.out.Files = append(l.out.Files, Text{f, lf.text, lf.lines})
	}
	if l.opts.Private && l.out.Uses != (runtime.Use{}) {
		l.out.Runtime = l.copy(l.out.Uses).Files
	}
	if len(changed) == 0 || l.opts.Compile {
		return nil
	}
	ordered := slices.ContainsFunc(lowered, func(lf *loweredFile) bool {
		return slices.ContainsFunc(lf.units, func(u *plan.Unit) bool { return len(u.Orders) > 0 })
	})
	if err := emit.Check(l.pkg, changed, l.out.Runtime, l.opts.Runtime, ordered); err != nil {
		return l.bug(lowered, err)
	}
	return nil
}

// wants reports whether a declaration of f is to be lowered.
func (l *lowerer) wants(f *File, d ast.Decl) bool { return l.opts.Only == nil || l.opts.Only(f, d) }

// A loweredFile is a file on its way through the steps. It is remembered to tell
// which function is to blame for text that does not type-check.
type loweredFile struct {
	file     *File
	report   *reporter
	imports  *plan.Imports   // that its declarations may come to need
	needs    map[string]bool // the names of those that they do need
	runtime  plan.Qualifier  // how it names what is of the bundled runtime
	imported bool            // it imports the runtime already, or has no need to
	uses     runtime.Use
	pieces   []emit.Piece
	units    []*plan.Unit // of pieces

	text  []byte
	ends  []int // the line of text on which each unit ends
	lines []Line
}

// file lowers the declarations of f. It returns nil where nothing changes.
func (l *lowerer) file(f *File) (lf *loweredFile, err error) {
	p := l.pkg
	defer func() { // other than in a declaration: see unit
		if v := recover(); v != nil {
			err = &BugError{Pos: p.Fset.Position(f.Syntax.Package), Function: filepath.Base(f.Name), Err: fmt.Errorf("%v", v)}
		}
	}()
	if l.opts.Unwind == None {
		l.idleRecovers(f)
	}
	if !bytes.Contains(f.Src, []byte("defer")) {
		return nil, nil
	}
	if bad := analysis.BadPromises(f.Syntax); len(bad) > 0 {
		var errs ErrorList
		for _, b := range bad {
			errs = append(errs, Error{p.Fset.Position(b.Pos), b.Err.Error()})
		}
		return nil, errs
	}
	units := analysis.File(p, f, l.known, l.opts.Unwind == Native)
	units = slices.DeleteFunc(units, func(u *analysis.Unit) bool { return !l.wants(f, u.Decl) })
	if len(units) == 0 {
		return nil, nil
	}
	lf = l.newFile(f)
	for _, u := range units {
		if err := l.declaration(lf, u); err != nil {
			return nil, err
		}
	}
	if len(lf.pieces) == 0 {
		return nil, nil
	}
	return lf, l.emit(lf)
}

// idleRecovers reports the calls of recover in f. No panic reaches them any more.
func (l *lowerer) idleRecovers(f *File) {
	for _, c := range analysis.RecoverCalls(l.pkg, f, l.wants) {
		at := l.pkg.Fset.Position(c.Pos())
		l.out.Report.Losses = append(l.out.Report.Losses, Loss{Pos: at, Function: c.Function, What: Reason{Kind: plan.RecoverIdle, Pos: at}})
	}
}

// newFile decides which names are taken in f, and how f names the runtime.
func (l *lowerer) newFile(f *File) *loweredFile {
	p := l.pkg
	names := plan.NewNames(f.Syntax, p.Types, p.Info)
	for name := range p.Elsewhere {
		names.Use(name) // which concerns imports only: those of a file are in the way of its package's names
	}
	lf := &loweredFile{file: f, runtime: plan.Qualifier(l.prefix), imported: true, needs: map[string]bool{}}
	if !l.opts.Private {
		var name string
		name, lf.imported = runtimeName(f, l.opts.Runtime.Path, names)
		lf.runtime = plan.Qualifier(name + ".")
	}
	lf.imports = plan.NewImports(names, p.Elsewhere)
	lf.report = newReporter(p, f, l.opts.Origins, &l.out.Report)
	return lf
}

// declaration plans and lowers u, and adds it to lf where it changes.
func (l *lowerer) declaration(lf *loweredFile, u *analysis.Unit) error {
	native := l.opts.Unwind == Native
	before := slices.Clone(lf.imports.Added)
	pu, d, err := unit(u, plan.Options{Native: native, Keep: l.opts.Keep, Prover: l.prover, Globals: l.globals, Facts: l.known}, lf.imports, lf.runtime)
	if err != nil {
		return err
	}
	if lacks := l.lacks(d.Uses); lacks != "" {
		lf.imports.Added = before
		lf.report.left(pu, plan.Reason{Kind: plan.NoRuntime, Args: []string{l.pkg.Types.Name(), lacks}}, !native)
		return nil
	}
	lf.report.unit(pu)
	if !pu.Same() {
		lf.units = append(lf.units, pu)
		lf.pieces = append(lf.pieces, emit.Piece{Decl: u.Decl, Lowered: d})
		lf.uses = lf.uses.Or(d.Uses)
		for _, name := range pu.Imported {
			lf.needs[name] = lf.needs[name] || d.Qualifies(name)
		}
	}
	return nil
}

// emit writes the text of lf.
func (l *lowerer) emit(lf *loweredFile) error {
	p, f := l.pkg, lf.file
	text, err := emit.File(p.Fset, f, lf.pieces, l.imports(lf), emit.Tell{Directives: l.opts.Lines, Compile: l.opts.Compile, Origins: l.opts.Origins})
	if err != nil {
		return &BugError{Pos: p.Fset.Position(lf.pieces[0].Decl.Pos()), Function: lf.units[0].Funcs[0].Name, Err: err}
	}
	lf.text, lf.ends = text.Bytes, text.Ends
	if !l.opts.Compile { // no compiler reads comments
		var strays []int
		lf.text, strays = emit.KeepComments(f.Src, lf.text)
		for _, offset := range strays {
			l.out.Report.Strays = append(l.out.Report.Strays, p.Fset.Position(p.Fset.File(f.Syntax.FileStart).Pos(offset)))
		}
	}
	for _, line := range text.Lines {
		lf.lines = append(lf.lines, lf.report.made(line))
	}
	l.out.Uses = l.out.Uses.Or(lf.uses)
	return nil
}

// imports lists what lf has to import besides what it does.
func (l *lowerer) imports(lf *loweredFile) (list []emit.Import) {
	for _, a := range lf.imports.Added {
		if !lf.needs[a.Name] {
			continue
		}
		imp := emit.Import{Name: a.Name, Path: a.Path}
		if a.Own {
			imp.Name = ""
		}
		list = append(list, imp)
	}
	if lf.uses != (runtime.Use{}) && !lf.imported {
		imp := emit.Import{Path: l.opts.Runtime.Path}
		if name := strings.TrimSuffix(string(lf.runtime), "."); name != "dedefer" {
			imp.Name = name
		}
		list = append(list, imp)
	}
	return list
}

// runtimeName returns what f calls the bundled runtime: the name by which it
// imports it already, or a fresh one.
func runtimeName(f *File, path string, names *plan.Names) (name string, imported bool) {
	for _, imp := range f.Syntax.Imports {
		if strings.Trim(imp.Path.Value, "`\"") != path {
			continue
		}
		if imp.Name != nil {
			return imp.Name.Name, true
		}
		return "dedefer", true
	}
	return names.Fresh("dedefer"), false
}

// unit plans and lowers a declaration. A failure inside is a bug to be reported
// with the declaration's position.
func unit(u *analysis.Unit, opts plan.Options, imports *plan.Imports, rt plan.Qualifier) (pu *plan.Unit, d *lower.Decl, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &BugError{
				Pos:      u.Pkg.Fset.Position(u.Funcs[0].Sites[0].Stmt.Pos()),
				Function: u.Funcs[len(u.Funcs)-1].Name,
				Err:      fmt.Errorf("%v", v),
			}
		}
	}()
	pu = plan.New(u, opts, imports, rt)
	d, err = lower.Unit(pu)
	return pu, d, err
}

// bug returns the error that names the function whose lowering does not type-check.
func (l *lowerer) bug(files []*loweredFile, err error) error {
	lf := files[0]
	unit := lf.units[0]
	var te types.Error
	if errors.As(err, &te) {
		pos := te.Fset.PositionFor(te.Pos, false)
		for _, f := range files {
			if f.file.Name == pos.Filename {
				lf = f
				unit = f.unitAt(pos.Line)
			}
		}
		err = fmt.Errorf("%s:%d:%d of the output: %s", filepath.Base(pos.Filename), pos.Line, pos.Column, te.Msg)
	}
	outer := unit.Funcs[len(unit.Funcs)-1]
	return &BugError{Pos: l.pkg.Fset.Position(outer.Sites[0].Stmt.Pos()), Function: outer.Name, Err: err}
}

// unitAt finds the unit that a line of the output is in, or the next one.
func (lf *loweredFile) unitAt(line int) *plan.Unit {
	i, _ := slices.BinarySearch(lf.ends, line)
	return lf.units[min(i, len(lf.units)-1)]
}
