package plan

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A scope tells what names mean inside of a function.
type scope struct {
	info *types.Info
	fn   *types.Scope // of parameters and body
}

// A place is where an entry's call is written.
type place struct {
	scope *types.Scope
	pos   token.Pos
}

// visible reports whether name, at pos, means obj. A nil scope stands for the
// innermost one.
func (sc scope) visible(obj types.Object, name string, scope *types.Scope, pos token.Pos) bool {
	if scope == nil {
		scope = sc.fn.Innermost(pos)
	}
	if scope == nil {
		return false
	}
	_, found := scope.LookupParent(name, pos)
	return found == obj
}

// visibleAt reports whether name means obj at all places.
func (sc scope) visibleAt(obj types.Object, name string, places []place) bool {
	for _, p := range places {
		if !sc.visible(obj, name, p.scope, p.pos) {
			return false
		}
	}
	return true
}

// namesVisible reports whether every identifier of e means the same at all
// places as it does where it stands.
func (sc scope) namesVisible(e ast.Expr, places []place) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ok = ok && sc.namesVisible(n.X, places)
			return false
		case *ast.KeyValueExpr:
			if id, isID := n.Key.(*ast.Ident); isID {
				if v, isVar := sc.info.Uses[id].(*types.Var); isVar && v.IsField() {
					ok = ok && sc.namesVisible(n.Value, places)
					return false
				}
			}
		case *ast.Ident:
			obj := sc.info.Uses[n]
			if n.Name != "_" && (obj == nil || !sc.visibleAt(obj, n.Name, places)) {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// visibleAround reports whether the names in x, outside of parts, mean the same at
// all places.
func (sc scope) visibleAround(x ast.Expr, parts []Part, places []place) bool {
	saved := map[ast.Expr]bool{}
	for _, p := range parts {
		saved[p.Expr] = true
	}
	ok := true
	ast.Inspect(x, func(n ast.Node) bool {
		e, isExpr := n.(ast.Expr)
		if !ok || !isExpr || saved[e] {
			return false
		}
		switch e := e.(type) {
		case *ast.SelectorExpr:
			ok = ok && sc.visibleAround(e.X, parts, places)
			return false
		case *ast.Ident:
			ok = ok && sc.namesVisible(e, places)
		}
		return ok
	})
	return ok
}

// hiding returns what hides v in scope at pos: a type if there is one, else the
// innermost object; nil where nothing does.
func (sc scope) hiding(scope *types.Scope, v *types.Var, pos token.Pos) (found types.Object) {
	for s := scope; s != nil && s != sc.fn; s = s.Parent() {
		obj := s.Lookup(v.Name())
		if obj == nil || obj.Pos() > pos {
			continue
		}
		if _, isType := obj.(*types.TypeName); isType || found == nil {
			found = obj
		}
	}
	return found
}

// meansIn reports whether a predeclared name is the predeclared one at the start of
// the body of lit.
func (sc scope) meansIn(name string, lit *ast.FuncLit) bool {
	return sc.visible(types.Universe.Lookup(name), name, sc.info.Scopes[lit.Type], lit.Body.Pos())
}
