package plan

import (
	"go/ast"
	"go/types"
)

// lift returns how the literal moves to the start of the function; nil where it
// cannot.
func (o *operands) lift() *Lift {
	s := o.site
	if s.Cycle < 0 || s.Dead || !o.pending(s) {
		return nil
	}
	lit := s.Callee.Lit
	start := o.start()
	ok := true
	var vars []*Temp
	seen := map[*types.Var]bool{}
	outside := func(id *ast.Ident) {
		obj := o.info.Uses[id]
		if obj == nil || lit.Pos() <= obj.Pos() && obj.Pos() < lit.End() || o.visible(obj, id.Name, start.scope, start.pos) {
			return
		}
		v, isVar := obj.(*types.Var)
		if o.info.Scopes[lit.Type].Lookup(id.Name) != nil { // a parameter cannot have that name
			ok = false
			return
		}
		if !isVar || !o.oneValue(v) || !o.visible(v, id.Name, nil, s.Stmt.Pos()) || holdsLock(v.Type()) { // go vet (copylocks)
			ok = false
			return
		}
		if seen[v] {
			return
		}
		seen[v] = true
		text, spelled := o.spell(v.Type(), start)
		if !spelled {
			ok = false
			return
		}
		vars = append(vars, &Temp{Hint: id.Name, Type: v.Type(), TypeText: text, Again: o.isInduction(id), Value: Value{Expr: id, Captured: true}})
	}
	eachName(o.info, lit, outside)
	if !ok {
		return nil
	}
	return &Lift{Name: o.Names.Fresh(literalHint(o.info, lit)), Vars: vars}
}

// oneValue reports whether v belongs to one iteration of a loop around the site, and
// keeps its value from the site on.
func (o *operands) oneValue(v *types.Var) bool {
	s := o.site
	perIteration := o.goAtLeast("go1.22")
	for _, l := range s.Loops {
		if l.Stmt.Pos() <= v.Pos() && v.Pos() < loopBody(l.Stmt).Pos() { // declared by the loop itself
			if !perIteration {
				return false
			}
			if loop, ok := l.Stmt.(*ast.ForStmt); ok {
				return o.Func.Func.OnlyCounts(loop, v)
			}
		}
	}
	return o.Unit.Vars.Fixed(v)
}
