package lower

import (
	"go/ast"
	"slices"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A function goes through the statements of a body, and has each lowered that the
// plan says something about.
type function struct {
	*tree
	lists  *lists
	guards *guards
	sites  *sites
	exits  *exits

	siteOf      map[dst.Stmt]*plan.Site
	exitOf      map[dst.Stmt]*plan.Exit
	end         *plan.Exit              // at the closing brace, or nil
	conditional map[dst.Stmt]*plan.Site // by if statement
	endOf       map[dst.Node]*plan.Exit // by block or clause
	redeclared  map[dst.Stmt][]plan.Redeclared
	rooms       map[dst.Stmt][]*plan.Records // by loop
}

// list lowers the statements of node: those of block, or of a clause, where that is nil.
func (f *function) list(node dst.Node, block *dst.BlockStmt, list *[]dst.Stmt) {
	var out []dst.Stmt
	for _, s := range *list {
		out = append(out, f.guarded(s)...)
	}
	if e := f.endOf[node]; e != nil && !e.Plain {
		out = f.exits.endOfBlock(e, out)
	}
	*list = out
	f.lists.settle(block, list)
	*list = f.lists.merge(*list)
}

func (f *function) block(b *dst.BlockStmt) { f.list(b, b, &b.List) }

// guarded lowers a statement, behind the guards and the room for records that stand
// before it.
func (f *function) guarded(s dst.Stmt) []dst.Stmt {
	list := append(f.room(s), f.stmt(s)...)
	st, ok := f.decl.ast[s].(ast.Stmt)
	if _, isSite := s.(*dst.DeferStmt); !ok || isSite { // see guards
		return list
	}
	var t template
	for _, g := range f.guards.guardsAt(st) {
		f.guards.guard(&t, g)
	}
	guards := f.created(f.parse(&t, Origin{}), st.Pos())
	if len(guards) > 0 {
		moveSpace(guards[0], list[0])
	}
	return append(guards, list...)
}

// room returns what goes before s, if that is a loop whose records get room there.
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

// stmt lowers one statement, and returns what stands in its place. It does not look
// into expressions: function literals are functions of their own.
func (f *function) stmt(s dst.Stmt) []dst.Stmt {
	switch s := s.(type) {
	case *dst.DeferStmt:
		if site := f.siteOf[s]; site != nil {
			return f.sites.site(s, site)
		}
	case *dst.ReturnStmt:
		if exit := f.exitOf[s]; exit != nil {
			return f.exits.exit(s, exit)
		}
	case *dst.AssignStmt:
		if list := f.redeclared[s]; len(list) > 0 {
			return f.redeclare(s, list)
		}
	case *dst.LabeledStmt:
		return f.labeled(s)
	case *dst.BlockStmt:
		f.block(s)
	case *dst.IfStmt:
		if site := f.conditional[s]; site != nil {
			d := s.Body.List[0].(*dst.DeferStmt)
			d.Decs.Before, d.Decs.After = s.Decs.Before, s.Decs.After
			return f.sites.site(d, site)
		}
		f.block(s.Body)
		if s.Else != nil {
			f.stmt(s.Else)
		}
	case *dst.ForStmt:
		f.block(s.Body)
	case *dst.RangeStmt:
		f.block(s.Body)
	case *dst.SwitchStmt:
		f.clauses(s.Body)
	case *dst.TypeSwitchStmt:
		f.clauses(s.Body)
	case *dst.SelectStmt:
		f.clauses(s.Body)
	}
	return []dst.Stmt{s}
}

// redeclare lowers a := that moves into the block of a tail, and names variables
// outside of that. See plan.Redeclared.
func (f *function) redeclare(s *dst.AssignStmt, list []plan.Redeclared) []dst.Stmt {
	var before, t template
	dropped := map[int]bool{}
	for _, r := range list {
		name := s.Lhs[r.Index].(*dst.Ident).Name
		if r.Copy {
			before.add("%s := %s", r.Temp, name)
		}
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
		if end := &lhs[len(lhs)-1].Decorations().End; slices.ContainsFunc(*end, endsLine) { // no line may end before ":="
			s.Decs.Start.Append(ownLines(*end)...)
			*end = nil
		}
	}
	out := slices.Concat(before.parse(), []dst.Stmt{s}, t.parse())
	for _, a := range out {
		if a != dst.Stmt(s) {
			f.decl.origin[a] = f.decl.Pos(s)
		}
	}
	return f.lists.replace(s, out)
}

// convert returns typ(x).
func (f *function) convert(typ ast.Expr, x dst.Expr) dst.Expr {
	return &dst.CallExpr{Fun: &dst.ParenExpr{X: clone(f.expr(typ))}, Args: []dst.Expr{x}}
}

// clauses lowers the statements of the clauses of a switch or select statement.
func (f *function) clauses(body *dst.BlockStmt) {
	for _, c := range body.List {
		switch c := c.(type) {
		case *dst.CaseClause:
			f.list(c, nil, &c.Body)
		case *dst.CommClause:
			f.list(c, nil, &c.Body)
		}
	}
}

// labeled puts the label on the first of the statements that replace what it stood
// on.
func (f *function) labeled(s *dst.LabeledStmt) []dst.Stmt {
	inner := f.stmt(s.Stmt)
	if f.lists.gone[inner[0]] {
		delete(f.lists.gone, inner[0])
		f.lists.bare[s] = true
	}
	s.Stmt = inner[0]
	return append([]dst.Stmt{s}, inner[1:]...)
}
