package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// shortBody is how many statements a literal may have to be written at several
// exits.
const shortBody = 3

// inline decides, for -unwind=none, whether the body of a deferred literal is
// written where its call would be:
//
//	old := d.mode                   old := d.mode
//	defer func() {                  if d.failed() {
//		d.mode = old                    d.mode = old
//	}()                                 return false
//	if d.failed() {       becomes   }
//		return false                d.mode = old
//	}                               return true
//	return true
//
// gc inlines a call of the literal as well. Other compilers make a closure, in
// which what the literal uses is captured by reference: with gccgo -Os, twice
// the code of the function. Where a panic has to run the literal, it stays one.
func (f *Func) inline(s *Site, places []place) bool {
	lit := s.Callee.Lit
	if f.opts.Native || s.Cycle >= 0 || len(s.Callee.Recover) > 0 || s.Callee.Sig.Params().Len() > 0 || s.Callee.Sig.Results().Len() > 0 {
		return false
	}
	copies, size := 0, 0
	for _, e := range f.Exits {
		if e.Active.May.Has(s.Index) {
			copies++
		}
	}
	ok := true
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			size += shortBody // it would be compiled for each copy
			return false
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.LabeledStmt:
			ok = false
		case *ast.BranchStmt:
			ok = ok && n.Label == nil && n.Tok != token.GOTO
		case *ast.RangeStmt:
			ok = ok && !analysis.IsRangeFunc(f.info, n)
		case *ast.Ident:
			fn, isFunc := f.info.Uses[n].(*types.Func)
			ok = ok && !(isFunc && asksForCaller(fn))
		}
		if _, isStmt := n.(ast.Stmt); isStmt && n != lit.Body {
			size++
		}
		return ok
	})
	if !ok || copies > 1 && f.Tail == nil && size > shortBody {
		return false
	}
	f.eachName(lit.Body, func(id *ast.Ident) {
		obj := f.info.Uses[id]
		if obj != nil && !(lit.Pos() <= obj.Pos() && obj.Pos() < lit.End()) && !f.visibleAt(obj, id.Name, places) {
			ok = false
		}
	})
	return ok
}

// asksForCaller reports whether fn may tell one function from another that
// calls it.
func asksForCaller(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	path := fn.Pkg().Path()
	return path == "runtime" || path == "testing" && fn.Name() == "Helper"
}
