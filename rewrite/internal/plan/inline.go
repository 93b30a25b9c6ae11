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

// inline decides, where no guard is kept, whether the body of a deferred literal
// is written where its call would be:
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
func inline(d *draft, s *Site, places []place) bool {
	lit := s.Callee.Lit
	if d.Unwinds != nil || s.Dead || s.Idle || !s.plainLiteral() {
		return false
	}
	copies, longest := 0, 0
	for _, e := range d.Exits {
		if !e.Runs.Has(s.Index) || e.remains[s].Nothing() {
			continue
		}
		copies++
		if d.Tail == nil && s.Records == nil {
			places = []place{d.placeOf(e)}
		}
		size, ok := movable(d, lit, e.left(s), places)
		if !ok || !goesOn(d.info, lit, e.remains[s]) {
			return false
		}
		longest = max(longest, size)
	}
	return copies <= 1 || d.Tail != nil || longest <= shortBody
}

// goesOn reports whether control reaches what stands behind what is left of lit.
// Behind a call of lit, nothing is known to be unreachable.
func goesOn(info *types.Info, lit *ast.FuncLit, r *Remains) bool {
	body := lit.Body
	if r != nil {
		body = &ast.BlockStmt{Lbrace: lit.Body.Lbrace, Rbrace: lit.Body.Rbrace}
		for _, p := range r.Pieces {
			if p.Init == nil {
				body.List = append(body.List, p.Stmt)
			}
		}
	}
	return analysis.GoesOn(info, body)
}

// movable reports whether nodes of lit mean the same at places, outside of
// lit, and how many statements they are.
func movable(d *draft, lit *ast.FuncLit, nodes []ast.Node, places []place) (size int, ok bool) {
	ok = true
	for _, node := range nodes {
		ast.Inspect(node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				size += shortBody // it would be compiled for each copy
				return false
			case *ast.IfStmt:
				if n.Init != nil {
					size-- // it stands on the same line
				}
			case *ast.ReturnStmt, *ast.DeferStmt, *ast.LabeledStmt:
				ok = false
			case *ast.BranchStmt:
				ok = ok && n.Label == nil && n.Tok != token.GOTO
			case *ast.RangeStmt:
				ok = ok && !analysis.IsRangeFunc(d.info, n)
			case *ast.Ident:
				fn, isFunc := d.info.Uses[n].(*types.Func)
				ok = ok && !(isFunc && asksForCaller(fn))
			}
			if _, isStmt := n.(ast.Stmt); isStmt && n != lit.Body {
				size++
			}
			return ok
		})
		eachName(d.info, node, func(id *ast.Ident) {
			obj := d.info.Uses[id]
			if obj != nil && !(lit.Pos() <= obj.Pos() && obj.Pos() < lit.End()) && !d.visibleAt(obj, id.Name, places) {
				ok = false
			}
		})
	}
	return size, ok
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
