package plan

import (
	"go/ast"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Lift moves the literal that a site in a loop defers out of the loop. What
// it captured of one iteration, and nothing changes any more, becomes a parameter,
// and is kept in the site's records:
//
//	for _, f := range files {
//		defer func() { log(f.Name(), f.Close()) }()
//	}
//
// needs no closure for each iteration:
//
//	onExit := func(f *os.File) { log(f.Name(), f.Close()) }
//	for _, f := range files {
//		fs = append(fs, f)
//	}
//	for len(fs) > 0 { ... onExit(f) }
type Lift struct {
	Name string  // of the variable that holds the literal
	Vars []*Temp // what it captured
}

// lift decides whether the literal of s can be moved to the start of the
// function.
func (f *Func) lift(s *Site) *Lift {
	if s.Cycle < 0 || s.Dead || !f.pending(s) {
		return nil
	}
	lit := s.Callee.Lit
	start := f.start()
	ok := true
	var vars []*Temp
	seen := map[*types.Var]bool{}
	outside := func(id *ast.Ident) {
		obj := f.info.Uses[id]
		if obj == nil || lit.Pos() <= obj.Pos() && obj.Pos() < lit.End() || f.visible(obj, id.Name, start.scope, start.pos) {
			return
		}
		v, isVar := obj.(*types.Var)
		if f.info.Scopes[lit.Type].Lookup(id.Name) != nil { // a parameter cannot have that name
			ok = false
			return
		}
		if !isVar || !f.oneValue(s, v) || !f.visible(v, id.Name, nil, s.Stmt.Pos()) {
			ok = false
			return
		}
		if seen[v] {
			return
		}
		seen[v] = true
		text, spelled := f.spell(v.Type(), start)
		if !spelled {
			ok = false
			return
		}
		vars = append(vars, &Temp{Hint: id.Name, Type: v.Type(), TypeText: text, Again: f.isInduction(id), Value: Value{Expr: id, Captured: true}})
	}
	f.eachName(lit, outside)
	if !ok {
		return nil
	}
	return &Lift{Name: f.Unit.Names.Fresh(f.literalHint(lit)), Vars: vars}
}

// eachName calls visit for each identifier in n that is looked up in a scope.
func (f *Func) eachName(n ast.Node, visit func(*ast.Ident)) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SelectorExpr:
			f.eachName(m.X, visit)
			return false
		case *ast.KeyValueExpr:
			if id, ok := m.Key.(*ast.Ident); ok {
				if v, ok := f.info.Uses[id].(*types.Var); ok && v.IsField() {
					f.eachName(m.Value, visit)
					return false
				}
			}
		case *ast.BranchStmt:
			return false
		case *ast.Ident:
			if m.Name != "_" {
				visit(m)
			}
		}
		return true
	})
}

// oneValue reports whether v is a variable of one iteration of a loop around s
// that keeps its value once s is reached.
func (f *Func) oneValue(s *Site, v *types.Var) bool {
	perIteration := f.goAtLeast("go1.22")
	for _, l := range s.Loops {
		if l.Stmt.Pos() <= v.Pos() && v.Pos() < loopBody(l.Stmt).Pos() { // declared by the loop itself
			if !perIteration {
				return false
			}
			if loop, ok := l.Stmt.(*ast.ForStmt); ok {
				return f.Func.OnlyCounts(loop, v)
			}
		}
	}
	return f.Unit.Vars.Fixed(v)
}

func loopBody(loop ast.Stmt) *ast.BlockStmt {
	switch l := loop.(type) {
	case *ast.ForStmt:
		return l.Body
	case *ast.RangeStmt:
		return l.Body
	}
	return nil
}

// capturesOnHeap reports whether an entry of s holds a closure, which is made
// anew in each iteration.
func (s *Site) capturesOnHeap() bool {
	if s.Call.Thunk != nil {
		return true
	}
	for _, t := range s.Call.Temps {
		if t.Value.Lit != nil || s.Callee.Kind == analysis.Method && t == s.Call.Fun {
			return true
		}
	}
	return false
}
