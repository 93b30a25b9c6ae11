package plan

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// EndsAt returns the deferred panic that ends a chain, if one is pending for certain
// and no call behind it has to stay in the text. In
//
//	y := x + 1
//	defer panic(v)
//	return y
//
// it is that of the second line: no return statement follows it.
func (f *Func) EndsAt(runs analysis.Bits, at analysis.Active) *Site {
	for i, l := range f.Chain {
		if f.panics(l, runs, at) {
			rest := f.Chain[i+1:]
			if l.Site.Guard != nil && !slices.ContainsFunc(rest, ownThunk) || !f.mentionsAny(rest) {
				return l.Site
			}
			return nil
		}
	}
	return nil
}

// ownThunk reports whether l is a literal that is its own guard, and is called
// through a thunk. Then no guard mentions the thunk, so that an exit has to.
func ownThunk(l Link) bool { return l.Site != nil && l.Site.Own && l.Site.Call.Thunk != nil }

// panics reports whether l is a deferred panic that is pending for certain.
func (f *Func) panics(l Link, runs analysis.Bits, at analysis.Active) bool {
	return l.Site != nil && l.Site.Callee.Builtin == "panic" && runs.Has(l.Site.Index) && at.Must.Has(l.Site.Index)
}

// mentionsAny reports whether the calls of links mention something that would be
// unused without them.
func (f *Func) mentionsAny(links []Link) bool {
	for _, l := range links {
		if l.Records != nil || l.Site.Bit >= 0 || l.Site.Call.Thunk != nil || len(l.Site.Call.Temps) > 0 || mentions(f, l.Site.Stmt.Call) {
			return true
		}
	}
	return false
}

// mentions reports whether x mentions what has to be used: an import, a variable of a
// function, or what decides in which order the package is initialised.
func mentions(f *Func, x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			found = found || f.Unit.Orders[analysis.Referred(f.Unit.Pkg.Info, id)]
			switch obj := f.Unit.Pkg.Info.Uses[id].(type) {
			case nil:
			case *types.PkgName:
				found = true
			default:
				v, isVar := obj.(*types.Var)
				found = found || isVar && v.Kind() == types.LocalVar || f.dotImported(obj)
			}
		}
		return !found
	})
	return found
}

// dropReturns settles what becomes of the operands of return statements that go,
// because the chain before them ends in a panic: they are evaluated, and what is
// used only there stays in use.
//
//	defer panic(v)                 _ = y
//	return y            becomes    panic(v)
func dropReturns(d *draft) {
	if d.Tail != nil {
		return
	}
	vs := &values{draft: d}
	for _, e := range d.Exits {
		if e.Plain || e.Set == nil || d.EndsAt(e.Runs, e.Active) == nil || e.Set.How == Assign && e.Set.Bare {
			continue
		}
		ret := e.Return
		if len(ret.Results) != len(d.Results) { // return f() with several results
			e.Set = &Set{How: Drop, Dropped: ret.Results}
			continue
		}
		set := &Set{How: e.Set.How, Pairs: e.Set.Pairs}
		if set.How != Assign {
			set.How = Drop
		}
		for _, x := range ret.Results {
			switch {
			case vs.simple(x) && !mentions(d.Func, x):
			case set.How == Assign && !vs.simple(x): // assigned
			case fitsAnywhere(d.info, x):
				set.Dropped = append(set.Dropped, x)
			default:
				e.Stays = true
			}
		}
		if !e.Stays {
			e.Set = set
		}
	}
}
