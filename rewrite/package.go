package rewrite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/load"
	"github.com/dedefer/dedefer/rewrite/lowering"
	"github.com/dedefer/dedefer/runtime"
)

// A rewriter holds what the packages of one Rewrite share.
type rewriter struct {
	prog     *Program
	opts     Options
	facts    lowering.Facts
	runtimes map[*Module]*lowering.Runtime
	done     map[*load.Listed]chan struct{} // closed when a package is
}

type packageResult struct {
	module  *Module
	sources []string
	left    *Left // nil: nothing is
	err     error
	files   []File
	report  Report
	uses    runtime.Use

	interrupts *analysis.Interrupts // with Options.NoHeap
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
	defer func() { // elsewhere than in a file: see package lowering
		if v := recover(); v != nil {
			res.err = &BugError{Pos: token.Position{Filename: l.Dir}, Function: l.Path, Err: fmt.Errorf("%v", v)}
		}
	}()
	res.module = r.module(l)
	if ctx.Err() != nil {
		return res
	}
	p, errs := l.Open()
	if p == nil && l.Plain != nil { // it may be its tests
		p, _ = l.Plain.Open()
	}
	if !l.Early { // else they come again
		res.left = left(l, p, errs)
	}
	if p == nil {
		return res
	}
	for _, n := range l.Needs {
		select {
		case <-r.done[n]:
		case <-ctx.Done():
			return res
		}
	}
	opts := lowering.Options{
		Unwind: r.opts.Unwind, Keep: r.opts.Keep, Lines: r.opts.Lines, Origins: r.opts.Origins, Alone: r.opts.Alone, Prove: l.Needed, Runtime: r.runtimes[res.module],
		Only: r.only(res.module), Private: r.opts.Private || res.module.loose(),
	}
	if l.Early {
		lowering.Prove(p.Package, opts, r.facts)
		return res
	}
	res.sources = p.Sources
	if p.Package.Path == opts.Runtime.Path {
		return res
	}
	out, err := lowering.Lower(p.Package, opts, r.factsFor(l))
	if err != nil {
		res.err = err
		return res
	}
	res.report = out.Report
	if r.opts.NoHeap {
		res.interrupts = analysis.FindInterrupts(p.Package)
	}
	switch {
	case res.module.loose():
	case r.opts.Private:
		res.files = privateFiles(res.module, l.Dir, out)
	default:
		res.uses = out.Uses
	}
	for i, f := range out.Files {
		if i == 0 && res.module.loose() && len(out.Runtime) > 0 {
			if f.New, res.err = withRuntime(f.New, out.Runtime); res.err != nil {
				return res
			}
		}
		res.files = append(res.files, File{Name: f.File.Name, Module: res.module, Old: f.File.Src, New: f.New, Lines: f.Lines})
	}
	return res
}

// factsFor returns the facts for l. Those that it finds of its own functions are for
// others only if they can import it: external tests of p have the path p_test, which
// may be that of a package as well.
func (r *rewriter) factsFor(l *load.Listed) lowering.Facts {
	if l.Needed {
		return r.facts
	}
	return facts.NewMemory(r.facts)
}

// left returns what stays of l where it has errors. p is what can be lowered of it,
// or nil.
func left(l *load.Listed, p *load.Package, errs load.Errors) *Left {
	if len(errs) == 0 {
		return nil
	}
	var lowered []string
	if p != nil {
		lowered = p.Sources
	}
	n, whole := l.Left(lowered)
	if n == 0 && whole {
		return nil
	}
	return &Left{Path: l.Path, Defers: n, Errors: convertErrors(errs).Sorted()}
}

// merge returns the results of all packages together, with the bundled runtime where
// one uses it.
func (r *rewriter) merge(results []packageResult) (*Result, error) {
	out := &Result{}
	uses := map[*Module]runtime.Use{}
	for _, res := range results {
		if res.left != nil {
			out.Left = append(out.Left, *res.left)
		}
		out.Sources = append(out.Sources, res.sources...)
		out.Files = append(out.Files, res.files...)
		out.Report.Add(&res.report)
		uses[res.module] = uses[res.module].Or(res.uses)
	}
	slices.SortStableFunc(out.Left, func(a, b Left) int { return cmp.Compare(a.Path, b.Path) })
	if err := firstError(results); err != nil {
		return nil, err
	}
	out.Sources = unique(out.Sources)
	for m, u := range uses {
		out.Files = append(out.Files, runtimeFiles(m, r.runtimes[m], r.prog.loaded.Source, u)...)
	}
	slices.SortFunc(out.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	out.Report.Sort()
	if r.opts.NoHeap {
		all := analysis.NewInterrupts()
		for _, res := range results {
			if res.interrupts != nil {
				all.Add(res.interrupts)
			}
		}
		if errs := append(heapErrors(out.Report), r.interruptErrors(all, out.Report)...); len(errs) > 0 {
			return out, errs.Sorted()
		}
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
		return all.Sorted()
	}
	return err
}

// heapErrors complains of each site that needs a record on the heap.
func heapErrors(rep Report) (errs ErrorList) {
	for _, f := range rep.Functions {
		for _, s := range f.Sites {
			if s.Heap {
				errs = append(errs, Error{Pos: s.Pos, Msg: fmt.Sprintf("defer %s needs a record on the heap: %s; %s", s.Call, s.Why, s.Remedy)})
			}
		}
	}
	return errs
}
