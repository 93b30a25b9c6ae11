package rewrite

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
	"github.com/dedefer/dedefer/rewrite/internal/emit"
	"github.com/dedefer/dedefer/rewrite/internal/load"
	"github.com/dedefer/dedefer/rewrite/internal/lower"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
	"github.com/dedefer/dedefer/rewrite/internal/unwind"
)

// A rewriter holds what the packages of one Rewrite share.
type rewriter struct {
	prog       *Program
	opts       Options
	recoverers *analyse.Recoverers
	prover     *unwind.Prover
	runtimes   map[*Module]*emit.Runtime
	done       map[*load.Listed]chan struct{} // closed when a package is
	failed     atomic.Bool                    // some package has errors
}

type packageResult struct {
	module      *Module
	sources     []string
	errs        ErrorList // of the parser and the type checker
	err         error     // of what came then
	files       []File
	report      Report
	usesRuntime bool
	usesLand    bool // more of the runtime than Run
}

func (r *rewriter) module(l *load.Listed) *Module {
	for _, m := range r.prog.Modules {
		if m.Dir == l.Module.Dir {
			return m
		}
	}
	return nil
}

// rewritePackage takes one package through all the steps.
func (r *rewriter) rewritePackage(ctx context.Context, l *load.Listed) (res packageResult) {
	defer func() { // elsewhere than in a file: see rewriteFile
		if v := recover(); v != nil {
			res.err = &BugError{Pos: token.Position{Filename: l.Dir}, Function: l.Path, Err: fmt.Errorf("%v", v)}
		}
	}()
	res.module = r.module(l)
	if ctx.Err() != nil {
		return res
	}
	p, errs := l.Open()
	if !l.Early { // else they come again
		res.errs = convertErrors(errs)
	}
	if p == nil && r.opts.Partial && l.Plain != nil { // it may be its tests
		p, _ = l.Plain.Open()
	}
	if p == nil {
		r.failed.Store(!r.opts.Partial)
	}
	if p == nil || r.failed.Load() {
		return res
	}
	for _, n := range l.Needs {
		select {
		case <-r.done[n]:
		case <-ctx.Done():
			return res
		}
	}
	prover := r.prover.For(p)
	if l.Needed && r.opts.Unwind == Native && !r.opts.Alone {
		defer prover.Publish()
	}
	if !l.Early {
		res.sources = p.Sources
		res.err = r.rewriteFiles(p, prover, &res)
	}
	return res
}

func (r *rewriter) rewriteFiles(p *load.Package, prover *unwind.Local, res *packageResult) error {
	rt := r.runtimes[res.module]
	if p.Path == rt.Path {
		return nil
	}
	changed := map[string][]byte{}
	var lowered []*loweredFile
	for _, f := range p.Files {
		lf, err := r.rewriteFile(p, f, prover, rt, res)
		if err != nil {
			return err
		}
		if lf == nil || bytes.Equal(lf.text, f.Src) {
			continue
		}
		lowered = append(lowered, lf)
		changed[f.Name] = lf.text
		res.files = append(res.files, File{Name: f.Name, Module: res.module, Old: f.Src, New: lf.text})
	}
	if len(changed) == 0 {
		return nil
	}
	if err := emit.Check(p, changed, rt); err != nil {
		return r.bug(p, lowered, err)
	}
	return nil
}

// A loweredFile is remembered to tell which function is to blame for text
// that does not type-check.
type loweredFile struct {
	file  *load.File
	text  []byte
	units []*plan.Unit
	ends  []int // the line of text on which each unit ends
}

func (r *rewriter) rewriteFile(p *load.Package, f *load.File, prover *unwind.Local, rt *emit.Runtime, res *packageResult) (lf *loweredFile, err error) {
	defer func() { // other than in a declaration: see lowerUnit
		if v := recover(); v != nil {
			err = &BugError{Pos: p.Fset.Position(f.Syntax.Package), Function: filepath.Base(f.Name), Err: fmt.Errorf("%v", v)}
		}
	}()
	if r.opts.Unwind == None {
		for _, c := range analyse.RecoverCalls(p, f) {
			res.report.Losses = append(res.report.Losses, Loss{Pos: p.Fset.Position(c.Pos()), Function: c.Function, What: "this recover can no longer fire"})
		}
	}
	if !bytes.Contains(f.Src, []byte("defer")) {
		return nil, nil
	}
	if bad := analyse.BadPromises(f.Syntax); len(bad) > 0 {
		var errs ErrorList
		for _, b := range bad {
			errs = append(errs, Error{p.Fset.Position(b.Pos), b.Err.Error()})
		}
		return nil, errs
	}
	native := r.opts.Unwind == Native
	units := analyse.File(p, f, r.recoverers, native)
	if len(units) == 0 {
		return nil, nil
	}
	names := plan.NewNames(f.Syntax, p.Types)
	name, imported := runtimeName(f, rt.Path, names)
	added := plan.NewImports(names)
	lf = &loweredFile{file: f}
	var pieces []emit.Piece
	var imports []emit.Import
	uses := false
	for _, u := range units {
		pu, d, err := lowerUnit(u, plan.Options{Native: native, Prover: prover}, added, name)
		if err != nil {
			return nil, err
		}
		r.report(pu, &res.report)
		lf.units = append(lf.units, pu)
		pieces = append(pieces, emit.Piece{Decl: u.Decl, Lowered: d})
		uses = uses || d.UsesRuntime
	}
	for path, alias := range added.Added {
		imports = append(imports, emit.Import{Name: alias, Path: path})
	}
	if uses && !imported {
		imp := emit.Import{Path: rt.Path}
		if name != "dedefer" {
			imp.Name = name
		}
		imports = append(imports, imp)
	}
	lf.text, lf.ends, err = emit.File(p.Fset, f, pieces, imports, r.opts.Lines)
	if err != nil {
		return nil, &BugError{Pos: p.Fset.Position(units[0].Decl.Pos()), Function: lf.units[0].Funcs[0].Name, Err: err}
	}
	res.usesRuntime = res.usesRuntime || uses
	res.usesLand = res.usesLand || uses && bytes.Contains(lf.text, []byte(name+".Panic"))
	return lf, nil
}

// runtimeName returns what f calls the bundled runtime: the name by which it
// imports it already, or a fresh one.
func runtimeName(f *load.File, path string, names *plan.Names) (name string, imported bool) {
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

// lowerUnit plans and lowers a declaration. A failure inside is a bug to be
// reported with the declaration's position.
func lowerUnit(u *analyse.Unit, opts plan.Options, imports *plan.Imports, runtime string) (pu *plan.Unit, d *lower.Decl, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &BugError{
				Pos:      u.Pkg.Fset.Position(u.Funcs[0].Sites[0].Stmt.Pos()),
				Function: u.Funcs[len(u.Funcs)-1].Name,
				Err:      fmt.Errorf("%v", v),
			}
		}
	}()
	pu = plan.New(u, opts, imports, runtime)
	d, err = lower.Unit(pu)
	return pu, d, err
}

// report adds what was decided about a declaration.
func (r *rewriter) report(pu *plan.Unit, rep *Report) {
	fset := pu.Pkg.Fset
	for _, f := range pu.Funcs {
		for _, s := range f.Sites {
			rep.Sites = append(rep.Sites, Site{
				Pos: fset.Position(s.Stmt.Pos()), Function: f.Name, Call: callText(fset.File(s.Stmt.Pos()), pu.File.Src, s.Stmt.Call),
				Strategy: s.Strategy, Heap: s.Heap, Reason: s.Reason,
			})
			if s.Heap {
				rep.Sites[len(rep.Sites)-1].remedy = s.Remedy()
			}
		}
		for _, l := range f.Losses {
			rep.Losses = append(rep.Losses, Loss{Pos: fset.Position(l.Pos), Function: f.Name, What: l.What})
		}
		if f.Guard != nil {
			rep.Guards = append(rep.Guards, Function{Pos: fset.Position(f.Node.Pos()), Name: f.Name, Reason: f.Guard.Reason})
		}
		if f.Proof != "" {
			rep.Proofs = append(rep.Proofs, Function{Pos: fset.Position(f.Node.Pos()), Name: f.Name, Reason: f.Proof})
		}
	}
}

// callText writes a deferred call on one line, without comments, as far as
// there is room for it: a literal may have thousands of lines.
func callText(tf *token.File, src []byte, call *ast.CallExpr) string {
	const room = 60
	from, to := tf.Offset(call.Pos()), tf.Offset(call.End())
	part := token.NewFileSet().AddFile("", -1, to-from)
	var scan scanner.Scanner
	scan.Init(part, src[from:to], nil, 0)
	var b strings.Builder
	end := 0 // of the token before
	for n := 0; n <= 4*room; n = b.Len() {
		pos, tok, lit := scan.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if lit == "" {
			lit = tok.String()
		}
		if at := part.Offset(pos); at > end {
			b.WriteByte(' ')
			end = at
		}
		end += len(lit)
		b.WriteString(strings.Join(strings.Fields(lit), " ")) // a raw string has lines
	}
	if r := []rune(b.String()); len(r) > room {
		return string(r[:room-3]) + "..."
	}
	return b.String()
}

// bug says which function's lowering does not type-check.
func (r *rewriter) bug(p *load.Package, files []*loweredFile, err error) error {
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
	return &BugError{Pos: p.Fset.Position(outer.Sites[0].Stmt.Pos()), Function: outer.Name, Err: err}
}

// unitAt finds the unit that a line of the output is in, or the next one.
func (lf *loweredFile) unitAt(line int) *plan.Unit {
	i, _ := slices.BinarySearch(lf.ends, line)
	return lf.units[min(i, len(lf.units)-1)]
}

// merge puts the results of all packages together and adds the bundled
// runtime where it is used.
func (r *rewriter) merge(results []packageResult) (*Result, error) {
	out := &Result{}
	uses := map[*Module]*packageResult{}
	for _, res := range results {
		out.Errors = append(out.Errors, res.errs...)
		out.Sources = append(out.Sources, res.sources...)
		out.Files = append(out.Files, res.files...)
		out.Report.Sites = append(out.Report.Sites, res.report.Sites...)
		out.Report.Guards = append(out.Report.Guards, res.report.Guards...)
		out.Report.Proofs = append(out.Report.Proofs, res.report.Proofs...)
		out.Report.Losses = append(out.Report.Losses, res.report.Losses...)
		if u := uses[res.module]; u == nil {
			uses[res.module] = &res
		} else {
			u.usesRuntime = u.usesRuntime || res.usesRuntime
			u.usesLand = u.usesLand || res.usesLand
		}
	}
	out.Errors = out.Errors.sorted()
	if len(out.Errors) > 0 && !r.opts.Partial {
		return nil, out.Errors
	}
	if err := firstError(results); err != nil {
		return nil, err
	}
	out.Sources = unique(out.Sources)
	for m, u := range uses {
		if u.usesRuntime {
			files, err := runtimeFiles(m, r.runtimes[m], r.prog.loaded, u.usesLand)
			if err != nil {
				return nil, err
			}
			out.Files = append(out.Files, files...)
		}
	}
	slices.SortFunc(out.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Report.Sites, func(a, b Site) int { return comparePos(a.Pos, b.Pos) })
	slices.SortFunc(out.Report.Guards, func(a, b Function) int { return comparePos(a.Pos, b.Pos) })
	slices.SortFunc(out.Report.Proofs, func(a, b Function) int { return comparePos(a.Pos, b.Pos) })
	slices.SortFunc(out.Report.Losses, func(a, b Loss) int { return comparePos(a.Pos, b.Pos) })
	if r.opts.NoHeap {
		return out, heapErrors(out.Report)
	}
	return out, nil
}

// firstError returns all complaints about the input, otherwise the first bug.
func firstError(results []packageResult) (err error) {
	var all ErrorList
	for _, res := range results {
		var list ErrorList
		if errors.As(res.err, &list) {
			all = append(all, list...)
		} else {
			err = cmp.Or(err, res.err)
		}
	}
	if len(all) > 0 {
		return all.sorted()
	}
	return err
}

func comparePos(a, b token.Position) int {
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// heapErrors complains of each site that needs a record on the heap.
func heapErrors(rep Report) error {
	var errs ErrorList
	for _, s := range rep.Sites {
		if s.Heap {
			errs = append(errs, Error{s.Pos, fmt.Sprintf("defer %s needs a record on the heap: %s; %s", s.Call, s.Reason, s.remedy)})
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
