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

// inline decides whether the body of a deferred literal is written where its call would be:
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
// the code of the function. Where a panic has to run the literal, its body stands in the
// guard as well, if it is short and what is left of it at the exits is one statement, or
// there is one exit.
func inline(d *draft, s *Site, places []place) bool {
	lit := s.Callee.Lit
	guarded := s.Unwinds != nil
	if guarded && !s.Own || s.Dead || s.Idle || !s.plainLiteral() || lostCancel(d, s, lit) {
		return false
	}
	copies, longest := 0, 0
	if guarded {
		size, ok := movable(d, lit, []ast.Node{lit.Body}, []place{{nil, s.Stmt.Pos()}})
		if !ok || size > shortBody || declares(lit.Body.List) {
			return false
		}
	}
	for _, e := range d.Exits {
		if !e.Runs.Has(s.Index) || e.remains[s].Nothing() {
			continue
		}
		copies++
		if d.Tail == nil && s.Records == nil {
			places = []place{d.placeOf(e)}
		}
		size, ok := movable(d, lit, e.left(s), places)
		if !ok || helps(d) && analysis.Has[*ast.CallExpr](lit.Body) || !goesOn(d.info, lit, e.remains[s]) {
			return false
		}
		longest = max(longest, size)
	}
	if guarded {
		return d.Tail == nil && (copies <= 1 || longest <= 1)
	}
	return copies <= 1 || d.Tail != nil || longest <= shortBody
}

// helps reports whether the function tells the tests that what it calls is told to its own
// caller (testing.T.Helper): then a literal that may fail a test, by a call, has to remain one.
func helps(d *draft) (helper bool) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok && id.Name == "Helper" {
			fn, isFunc := d.info.Uses[id].(*types.Func)
			helper = helper || isFunc && asksForCaller(fn)
		}
		return !helper
	})
	return helper
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
