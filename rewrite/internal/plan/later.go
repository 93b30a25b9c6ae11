package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// later tells which operands of a site have the same value where its call is
// written: "Operands" in ../../doc.go.
type later struct {
	*draft
	site *Site
	at   []place // where the call is written
}

// stable reports whether x has, at each place where the call is written, the value
// that it has at the site.
func (lt *later) stable(x ast.Expr) bool {
	tv := lt.info.Types[x]
	if tv.Value != nil || tv.IsNil() {
		return lt.namesVisible(x, lt.at)
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return lt.stable(x.X)
	case *ast.Ident:
		switch obj := lt.info.Uses[x].(type) {
		case *types.Func:
			return lt.visibleAt(obj, x.Name, lt.at)
		case *types.Var:
			return lt.isInduction(x) || lt.keepsValue(obj) && lt.visibleAt(obj, x.Name, lt.at)
		}
	case *ast.BinaryExpr:
		return lt.inIterations() && (x.Op == token.ADD || x.Op == token.SUB || x.Op == token.MUL) && lt.stable(x.X) && lt.stable(x.Y)
	case *ast.SelectorExpr:
		s := lt.info.Selections[x]
		if s == nil {
			_, ok := lt.info.Uses[x.Sel].(*types.Func)
			return ok && lt.namesVisible(x, lt.at)
		}
		return s.Kind() == types.FieldVal && lt.stable(x.X) && (!s.Indirect() || lt.stableField(x))
	case *ast.UnaryExpr:
		_, lit := x.X.(*ast.CompositeLit)
		return x.Op == token.AND && (lit && lt.stable(x.X) || lt.stableVariable(x.X))
	case *ast.FuncLit:
		return lt.once() && lt.literalVisible(x)
	case *ast.CompositeLit:
		return lt.once() && x.Type != nil && lt.namesVisible(x.Type, lt.at) && lt.stableElements(x)
	case *ast.CallExpr:
		return convertsWord(lt.info, x) && lt.namesVisible(x.Fun, lt.at) && lt.stable(x.Args[0])
	}
	return false
}

// stableField reports whether x, a field of what a pointer points to, keeps its value behind the site, at
// which that is not nil. It has no parts, which could be changed on their own.
func (lt *later) stableField(x *ast.SelectorExpr) bool {
	t := lt.info.TypeOf(x)
	return !analysis.IsStructOrArray(t) && !analysis.IsTypeParam(t) && lt.Tail == nil && lt.site.Records == nil && lt.notNil(x.X, lt.site) && lt.frame.Keeps(x, lt.site.Site)
}

// once reports whether the call is written in one place, to which no loop leads back. Then it can have
// a literal as its operand that is not saved, which is made there. Comments of operands stay with
// what is saved.
func (lt *later) once() bool {
	s := lt.site
	return len(lt.at) == 1 && lt.Tail == nil && s.Guard == nil && !s.Own && s.Records == nil && len(s.Loops) == 0 && !lt.HasGoto &&
		!lt.commented(s.Stmt.Call)
}

// commented reports whether there is a comment between the parentheses of call, outside of function
// literals.
func (lt *later) commented(call *ast.CallExpr) bool {
	for _, g := range lt.Unit.File.Syntax.Comments {
		if g.Pos() < call.Lparen || call.Rparen < g.Pos() {
			continue
		}
		inLiteral := false
		ast.Inspect(call, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			inLiteral = inLiteral || ok && lit.Pos() < g.Pos() && g.Pos() < lit.End()
			return !inLiteral
		})
		if !inLiteral {
			return true
		}
	}
	return false
}

// literalVisible reports whether all names in lit that are declared outside of it mean the same at
// each place. What they name is captured as a variable, wherever the literal stands.
func (lt *later) literalVisible(lit *ast.FuncLit) bool {
	ok := true
	eachName(lt.info, lit, func(id *ast.Ident) {
		obj := lt.info.Uses[id]
		inside := obj != nil && lit.Pos() <= obj.Pos() && obj.Pos() < lit.End()
		ok = ok && (obj == nil || inside || lt.visibleAt(obj, id.Name, lt.at))
	})
	return ok
}

// stableElements reports whether the elements of a literal of a struct, an array or a slice are
// stable.
func (lt *later) stableElements(lit *ast.CompositeLit) bool {
	_, isStruct := analysis.Under(lt.info.TypeOf(lit)).(*types.Struct)
	_, isMap := analysis.Under(lt.info.TypeOf(lit)).(*types.Map)
	if isMap || analysis.IsTypeParam(lt.info.TypeOf(lit)) {
		return false
	}
	for _, x := range lit.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if !isStruct && !lt.namesVisible(kv.Key, lt.at) {
				return false
			}
			x = kv.Value
		}
		if !lt.stable(x) {
			return false
		}
	}
	return true
}

// keepsValue reports whether v does not change behind the site. A variable that
// changes before it, and is used by a guard, counts as one that does: the guard would
// share it with the body, which costs more than a copy.
func (lt *later) keepsValue(v *types.Var) bool {
	if lt.Unit.Vars.Fixed(v) || lt.opts.Globals.Fixed(v) {
		return true
	}
	return lt.Unwinds == nil && lt.Tail == nil && !lt.HasGoto && len(lt.site.Loops) == 0 && v.Kind() != types.ResultVar &&
		lt.Unit.Vars.OnlyBody(v, lt.Node, func(*ast.FuncLit) bool { return false }) && lt.Unit.Vars.LastAssigned(v) < lt.site.Stmt.Pos()
}

// stableVariable reports whether x is the same variable at each place: v, v.f, or an
// element that the induction variable selects.
func (lt *later) stableVariable(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return lt.stableVariable(x.X)
	case *ast.Ident:
		obj, ok := lt.info.Uses[x].(*types.Var)
		return ok && lt.visibleAt(obj, x.Name, lt.at)
	case *ast.SelectorExpr:
		s := lt.info.Selections[x]
		if s == nil { // a variable of another package
			_, ok := lt.info.Uses[x.Sel].(*types.Var)
			return ok && lt.namesVisible(x, lt.at)
		}
		return s.Kind() == types.FieldVal && !s.Indirect() && lt.stableVariable(x.X)
	case *ast.IndexExpr:
		return lt.isElement(x)
	}
	return false
}

// stableAddress reports the same of x as a receiver, which may also be a field of
// what a pointer that is not nil points to: p.mu in p.mu.Unlock().
func (lt *later) stableAddress(x ast.Expr) bool {
	s := lt.site
	if lt.stableVariable(x) {
		return true
	}
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	sl := lt.info.Selections[sel]
	if sl == nil || sl.Kind() != types.FieldVal || len(sl.Index()) != 1 {
		return false
	}
	if _, ok := analysis.Under(lt.info.TypeOf(sel.X)).(*types.Pointer); ok {
		return lt.stable(sel.X) && lt.notNil(sel.X, s)
	}
	return lt.stableAddress(sel.X)
}

// isInduction reports whether x is the induction variable of the loop around the
// site.
func (lt *later) isInduction(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && lt.inIterations() && lt.site.Records.Iterations.Var != nil && lt.info.Uses[id] == lt.site.Records.Iterations.Var
}

// inIterations reports whether every iteration of the loop around the site passes it.
func (lt *later) inIterations() bool {
	return lt.site != nil && lt.site.Records != nil && lt.site.Records.Iterations != nil && !lt.site.noInduction
}

// isElement reports whether x is v[i], where i is the induction variable and the
// elements of v stay where they are.
func (lt *later) isElement(x *ast.IndexExpr) bool {
	id, ok := ast.Unparen(x.X).(*ast.Ident)
	return ok && lt.isInduction(x.Index) && lt.within(x.Index, id, lt.site) && lt.visibleAt(lt.info.Uses[id], id.Name, lt.at)
}
