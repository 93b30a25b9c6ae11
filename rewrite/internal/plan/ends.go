package plan

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// EndsAt returns the deferred panic with which a chain ends, where it is pending for
// certain, and nothing behind it has to stay. In
//
//	y := x + 1
//	defer panic(v)
//	return y
//
// no return statement follows it.
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

// ownThunk reports whether l is a literal that is its own guard, and is called by
// a thunk: no guard mentions that.
func ownThunk(l Link) bool { return l.Site != nil && l.Site.Own && l.Site.Call.Thunk != nil }

// panics reports whether l is a deferred panic that is pending for certain.
func (f *Func) panics(l Link, runs analysis.Bits, at analysis.Active) bool {
	return l.Site != nil && l.Site.Callee.Builtin == "panic" && runs.Has(l.Site.Index) && at.Must.Has(l.Site.Index)
}

// mentionsAny reports whether the calls of links mention what would be unused
// without them.
func (f *Func) mentionsAny(links []Link) bool {
	for _, l := range links {
		if l.Records != nil || l.Site.Bit >= 0 || l.Site.Call.Thunk != nil || len(l.Site.Call.Temps) > 0 || f.mentions(l.Site.Stmt.Call) {
			return true
		}
	}
	return false
}

// mentions reports whether x mentions what has to be used: an import, or a variable
// of a function.
func (f *Func) mentions(x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			switch obj := f.info.Uses[id].(type) {
			case *types.PkgName:
				found = true
			case *types.Var:
				found = found || obj.Kind() == types.LocalVar
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
func (f *Func) dropReturns() {
	if f.Tail != nil {
		return
	}
	for _, e := range f.Exits {
		if e.Plain || e.Set == nil || f.EndsAt(e.Runs, e.Active) == nil || e.Set.How == Assign && e.Set.Bare {
			continue
		}
		ret := e.Return
		if len(ret.Results) != len(f.Results) { // return f() with several results
			e.Set = &Set{How: Drop, Dropped: ret.Results}
			continue
		}
		set := &Set{How: e.Set.How, Pairs: e.Set.Pairs}
		if set.How != Assign {
			set.How = Drop
		}
		for _, x := range ret.Results {
			switch {
			case f.simple(x) && !f.mentions(x):
			case set.How == Assign && !f.simple(x): // assigned
			case f.fitsAnywhere(x):
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

// fitsAnywhere reports whether "_ = x" is possible: not, on some machine, for a
// large constant.
func (f *Func) fitsAnywhere(x ast.Expr) bool {
	v := f.info.Types[x].Value
	if v == nil {
		return true
	}
	n, exact := constant.Int64Val(constant.ToInt(v))
	switch v.Kind() {
	case constant.Int:
		return exact && -1<<31 <= n && n < 1<<31
	case constant.Float, constant.Complex:
		return false
	}
	return true
}
