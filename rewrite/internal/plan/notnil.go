package plan

import (
	"go/ast"
	"go/token"
	"go/types"
)

// notNil reports whether the variable x cannot be nil at s: a statement before
// it, in the same list or one around it, has already gone through x.
func (f *Func) notNil(x ast.Expr, s *Site) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	obj, ok := f.info.Uses[id].(*types.Var)
	if !ok || !f.Unit.Vars.Fixed(obj) {
		return false
	}
	return f.derefBefore(f.Body.List, s.Stmt, obj)
}

// derefBefore looks for a dereference of obj in the statements of list before
// the one that holds site, and in the list inside that one.
func (f *Func) derefBefore(list []ast.Stmt, site *ast.DeferStmt, obj *types.Var) bool {
	if f.HasGoto {
		return false
	}
	for _, st := range list {
		if st.Pos() <= site.Pos() && site.Pos() < st.End() {
			inner := false
			ast.Inspect(st, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					return false
				case *ast.BlockStmt:
					if n.Pos() <= site.Pos() && site.Pos() < n.End() {
						inner = f.derefBefore(n.List, site, obj)
						return false
					}
				case *ast.CaseClause:
					if n.Pos() <= site.Pos() && site.Pos() < n.End() {
						inner = f.derefBefore(n.Body, site, obj)
						return false
					}
				}
				return !inner
			})
			return inner
		}
		switch st.(type) {
		case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SendStmt:
			if f.derefs(st, obj) {
				return true
			}
		}
	}
	return false
}

// derefs reports whether n, when it has been evaluated, has gone through obj.
func (f *Func) derefs(n ast.Node, obj *types.Var) (found bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if m.Op == token.LAND || m.Op == token.LOR {
				found = found || f.derefs(m.X, obj)
				return false
			}
		case *ast.StarExpr:
			found = found || f.isVar(m.X, obj)
		case *ast.SelectorExpr:
			if !f.isVar(m.X, obj) {
				return true
			}
			s := f.info.Selections[m]
			switch under(obj.Type()).(type) {
			case *types.Pointer:
				found = found || s != nil && (s.Kind() == types.FieldVal || len(s.Index()) > 1)
			case *types.Interface:
				found = found || s != nil
			}
		}
		return !found
	})
	return found
}

func (f *Func) isVar(x ast.Expr, obj *types.Var) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && f.info.Uses[id] == obj
}
