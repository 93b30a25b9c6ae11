package lower

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// list lowers the statements of a list.
func (f *function) list(block *dst.BlockStmt, list *[]dst.Stmt) {
	var out []dst.Stmt
	for _, s := range *list {
		out = append(out, f.guarded(s)...)
	}
	*list = out
	f.settle(block, list)
	*list = f.merge(*list)
}

// guarded lowers a statement, and puts the guards before it that stand there.
func (f *function) guarded(s dst.Stmt) []dst.Stmt {
	list := append(f.room(s), f.stmt(s)...)
	st, ok := f.decl.ast[s].(ast.Stmt)
	if _, isSite := s.(*dst.DeferStmt); !ok || isSite { // see guards
		return list
	}
	var t template
	for _, g := range f.guardsAt(st) {
		f.guard(&t, g)
	}
	guards := f.created(t.parse(), st.Pos())
	if len(guards) > 0 {
		moveSpace(guards[0], list[0])
	}
	return append(guards, list...)
}

// moveSpace moves the blank line above second, if there is one, to the statement
// that now stands above it.
func moveSpace(first, second dst.Stmt) {
	to, from := first.Decorations(), second.Decorations()
	if from.Before == dst.EmptyLine {
		to.Before, from.Before = dst.EmptyLine, dst.NewLine
	}
}

// room writes what goes before s, if that is a loop whose records get room
// there.
func (f *function) room(s dst.Stmt) (list []dst.Stmt) {
	loop := s
	for l, ok := loop.(*dst.LabeledStmt); ok; l, ok = loop.(*dst.LabeledStmt) {
		loop = l.Stmt
	}
	for _, r := range f.rooms[loop] {
		var t template
		count := func() string {
			x := t.expr(clone(f.expr(r.Grow.Count)))
			if r.Grow.Len {
				return "len(" + x + ")"
			}
			return x
		}
		t.as(Origin{Site: r.Sites[0]})
		t.add("if %s > len(%s) {\n%s = make([]%s, 0, min(%s, %d))\n}", count(), r.Buf, r.Name, r.Type, count(), plan.MostAtOnce)
		list = append(list, f.created(f.parse(&t, Origin{Site: r.Sites[0]}), r.Sites[0].Stmt.Pos())...)
	}
	if len(list) > 0 {
		moveSpace(list[0], s)
	}
	return list
}

// merge drops an assignment of a constant to the mask that another follows at
// once, and moves a label that stands on nothing to the next statement.
func (f *function) merge(list []dst.Stmt) []dst.Stmt {
	var out []dst.Stmt
	for i, s := range list {
		if i+1 < len(list) && f.setsMask(s) != "" && f.setsMask(s) == f.setsMask(list[i+1]) && noComments(s) {
			next := list[i+1].Decorations()
			next.Before = max(next.Before, s.Decorations().Before)
			continue
		}
		if n := len(out); n > 0 {
			if l, ok := out[n-1].(*dst.LabeledStmt); ok && f.bare[l] {
				if _, isLabel := s.(*dst.LabeledStmt); !isLabel {
					handOver(l.Stmt, s)
					l.Stmt = s
					delete(f.bare, l)
					continue
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// setsMask returns the variable of the mask that s sets to a constant, or "".
func (f *function) setsMask(s dst.Stmt) string {
	if f.Mask == nil {
		return ""
	}
	as, ok := s.(*dst.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 {
		return ""
	}
	id, ok := as.Lhs[0].(*dst.Ident)
	if !ok || !slices.Contains(f.Mask.Names, id.Name) {
		return ""
	}
	return id.Name
}

// stmt lowers one statement, and returns what stands in its place. It does
// not look into expressions: function literals are functions of their own.
func (f *function) stmt(s dst.Stmt) []dst.Stmt {
	switch s := s.(type) {
	case *dst.DeferStmt:
		if site := f.sites[s]; site != nil {
			return f.site(s, site)
		}
	case *dst.ReturnStmt:
		if exit := f.returns[s]; exit != nil {
			return f.exit(s, exit)
		}
	case *dst.AssignStmt:
		if list := f.redeclared[s]; len(list) > 0 {
			return f.redeclare(s, list)
		}
	case *dst.LabeledStmt:
		return f.labeled(s)
	case *dst.BlockStmt:
		f.list(s, &s.List)
	case *dst.IfStmt:
		f.list(s.Body, &s.Body.List)
		if s.Else != nil {
			f.stmt(s.Else)
		}
	case *dst.ForStmt:
		f.list(s.Body, &s.Body.List)
	case *dst.RangeStmt:
		f.list(s.Body, &s.Body.List)
	case *dst.SwitchStmt:
		f.clauses(s.Body)
	case *dst.TypeSwitchStmt:
		f.clauses(s.Body)
	case *dst.SelectStmt:
		f.clauses(s.Body)
	}
	return []dst.Stmt{s}
}

// redeclare lowers a := that goes into a block, and names variables of the
// scope around it.
func (f *function) redeclare(s *dst.AssignStmt, list []plan.Redeclared) []dst.Stmt {
	var t template
	dropped := map[int]bool{}
	for _, r := range list {
		name := s.Lhs[r.Index].(*dst.Ident).Name
		if r.Temp == "" {
			t.add("%s = %s", name, t.expr(s.Rhs[r.Index]))
			dropped[r.Index] = true
			continue
		}
		s.Lhs[r.Index].(*dst.Ident).Name = r.Temp
		if r.Conv != nil {
			s.Rhs[r.Index] = f.convert(r.Conv, s.Rhs[r.Index])
		}
		value := dst.Expr(dst.NewIdent(r.Temp))
		if r.After != nil {
			value = f.convert(r.After, value)
		}
		t.add("%s = %s", name, t.expr(value))
	}
	if len(dropped) > 0 {
		var lhs, rhs []dst.Expr
		for i := range s.Lhs {
			if !dropped[i] {
				lhs, rhs = append(lhs, s.Lhs[i]), append(rhs, s.Rhs[i])
			}
		}
		s.Lhs, s.Rhs = lhs, rhs
	}
	after := t.parse()
	for _, a := range after {
		f.decl.origin[a] = f.decl.Pos(s)
	}
	return f.replace(s, append([]dst.Stmt{s}, after...))
}

// convert writes typ(x).
func (f *function) convert(typ ast.Expr, x dst.Expr) dst.Expr {
	return &dst.CallExpr{Fun: &dst.ParenExpr{X: clone(f.expr(typ))}, Args: []dst.Expr{x}}
}

func (f *function) clauses(body *dst.BlockStmt) {
	for _, c := range body.List {
		switch c := c.(type) {
		case *dst.CaseClause:
			f.list(nil, &c.Body)
		case *dst.CommClause:
			f.list(nil, &c.Body)
		}
	}
}

// labeled keeps the label on the first of the statements that replace what it
// stood on.
func (f *function) labeled(s *dst.LabeledStmt) []dst.Stmt {
	inner := f.stmt(s.Stmt)
	if f.gone[inner[0]] {
		delete(f.gone, inner[0])
		f.bare[s] = true
	}
	s.Stmt = inner[0]
	return append([]dst.Stmt{s}, inner[1:]...)
}
