package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// calls writes the deferred calls where their entries run: "Operands" and, for what
// stands in the place of a literal's call, "Results" in ../../doc.go.
type calls struct {
	*tree
	about   map[*plan.Site]directives // of calls that are not of literals
	written map[*plan.Site][]placed   // where they are
}

// A placed is a call that was deferred, or the first statement of a literal's body
// that stands in its place.
type placed struct {
	node   dst.Node
	others bool // more statements of it follow
}

// callStmt returns the call of s as a statement, or what stands in its place. e is
// the exit at which it runs; nil for a guard and for a tail.
func (cs *calls) callStmt(t *template, s *plan.Site, e *plan.Exit, call *dst.CallExpr) string {
	if s.Call.Inline {
		list := cs.inlined(s, e)
		if len(list) > 0 {
			cs.written[s] = append(cs.written[s], placed{list[0], len(list) > 1})
		}
		return t.stmts(list)
	}
	if s.Call.Thunk == nil && pure(s.Callee.Func) {
		return used(s.Callee.Func, t.call(call))
	}
	cs.written[s] = append(cs.written[s], placed{call, false})
	return t.call(call)
}

// inlined returns a copy of what the deferred literal of s does at e: its statements,
// or one block where they declare something.
func (cs *calls) inlined(s *plan.Site, e *plan.Exit) []dst.Stmt {
	var r *plan.Remains
	if e != nil {
		r = e.Remains(s)
	}
	block := cs.decl.again(cs.nodes[s.Callee.Lit.Body]).(*dst.BlockStmt)
	if r != nil {
		block.List = nil
		for _, p := range r.Pieces {
			block.List = append(block.List, cs.piece(p, s.Guard != nil))
		}
	}
	above := cs.about[s].above
	for _, st := range block.List {
		as, ok := st.(*dst.AssignStmt)
		if _, isDecl := st.(*dst.DeclStmt); isDecl || ok && as.Tok == token.DEFINE {
			block.Decorations().Start.Prepend(above...)
			return []dst.Stmt{block}
		}
	}
	for i, st := range block.List {
		start := &st.Decorations().Start
		start.Prepend(slices.Concat(above, directivesIn(block.Decs.Lbrace))...)
		if i == 0 {
			start.Prepend(slices.DeleteFunc(ownLines(block.Decs.Lbrace), isDirective)...)
		}
	}
	return block.List
}

// piece returns a copy of a statement of a literal, as far as it is left. The comment of one of
// which not all is left stays where all is, in the guard, if there is one.
func (cs *calls) piece(p plan.Piece, guarded bool) dst.Stmt {
	st := cs.decl.again(cs.nodes[p.Stmt]).(dst.Stmt)
	if start := &st.Decorations().Start; guarded && (p.To != nil || p.Init != nil || p.Conds != nil) {
		*start = directivesIn(*start)
	}
	switch x := st.(type) {
	case *dst.IfStmt:
		switch {
		case p.To != nil:
			as := &dst.AssignStmt{Lhs: []dst.Expr{clone(cs.expr(p.To))}, Tok: token.ASSIGN, Rhs: []dst.Expr{clone(cs.expr(p.Init))}}
			as.Decs.NodeDecs = x.Decs.NodeDecs
			as.Decs.End.Prepend(directivesIn(x.Body.Decs.Lbrace)...)
			cs.decl.origin[as] = cs.decl.Pos(x)
			st = as
		case p.Init != nil:
			st = cs.unused(p.Init)
			st.Decorations().Start, st.Decorations().End = x.Decs.Start, x.Decs.End
			st.Decorations().Before, st.Decorations().After = x.Decs.Before, x.Decs.After
			st.Decorations().End.Prepend(directivesIn(x.Body.Decs.Lbrace)...)
			cs.decl.origin[st] = cs.decl.Pos(x)
		case p.Conds != nil:
			x.Cond = clone(cs.expr(p.Conds[0]))
			for _, c := range p.Conds[1:] {
				x.Cond = &dst.BinaryExpr{X: x.Cond, Op: token.LAND, Y: clone(cs.expr(c))}
			}
		}
	}
	if p.Above != nil {
		above, dec := cs.nodes[p.Above].(*dst.IfStmt), st.Decorations()
		dec.Start.Prepend(slices.Concat(above.Decs.Start, ownLines(above.Body.Decs.Lbrace))...)
		dec.Before = above.Decs.Before
	}
	return st
}

// unused returns call as a statement.
func (cs *calls) unused(call *ast.CallExpr) dst.Stmt {
	if fn, _ := typeutil.Callee(cs.Unit.Pkg.Info, call).(*types.Func); pure(fn) {
		return &dst.AssignStmt{Lhs: []dst.Expr{dst.NewIdent("_")}, Tok: token.ASSIGN, Rhs: []dst.Expr{clone(cs.expr(call))}}
	}
	return &dst.ExprStmt{X: clone(cs.expr(call))}
}

func byName(t *plan.Temp) dst.Expr { return dst.NewIdent(t.Name) }

// plain returns the call of s, in which saved operands are variables: f1.Close().
func (cs *calls) plain(s *plan.Site) *dst.CallExpr { return cs.call(s, byName) }

// call returns the call of s; ref says how to write a saved operand, e.f or f1.
func (cs *calls) call(s *plan.Site, ref func(*plan.Temp) dst.Expr) *dst.CallExpr {
	if thunk := s.Call.Thunk; thunk != nil {
		return &dst.CallExpr{Fun: ref(thunk)}
	}
	return cs.inner(s, ref)
}

// inner returns the call of s, also where a thunk makes it.
func (cs *calls) inner(s *plan.Site, ref func(*plan.Temp) dst.Expr) *dst.CallExpr {
	c, orig := s.Call, cs.nodes[s.Stmt.Call].(*dst.CallExpr)
	call := &dst.CallExpr{Ellipsis: orig.Ellipsis}
	cs.about[s].give(call)
	switch {
	case c.Lift != nil:
		call.Fun = dst.NewIdent(c.Lift.Name)
	case c.Fun != nil:
		call.Fun = ref(c.Fun)
	case c.Recv != nil:
		call.Fun = &dst.SelectorExpr{X: ref(c.Recv), Sel: dst.NewIdent(s.Callee.Sel.Sel.Name)}
	default:
		// Not cs.expr(s.Callee.Fun): addParams may have changed it.
		call.Fun = clone(unparen(orig.Fun))
	}
	if c.Lift != nil {
		for _, v := range c.Lift.Vars {
			if v.Again {
				call.Args = append(call.Args, dst.NewIdent(s.Records.Iterations.Name))
				continue
			}
			call.Args = append(call.Args, ref(v))
		}
	}
	for _, a := range c.Args {
		var x dst.Expr
		switch {
		case a.Temp != nil:
			x = ref(a.Temp)
		case a.HasLiteral():
			x = bare(cs.decl.again(cs.expr(a.Expr)).(dst.Expr))
		default:
			x = cs.around(a.Expr, a.Parts, ref)
		}
		call.Args = append(call.Args, x)
	}
	return call
}

// around returns a copy of x with saved values in the place of its parts.
func (cs *calls) around(x ast.Expr, parts []plan.Part, ref func(*plan.Temp) dst.Expr) dst.Expr {
	saved := map[dst.Node]plan.Part{}
	for _, p := range parts {
		saved[cs.nodes[p.Expr]] = p
	}
	at := map[int]plan.Part{} // by the number of the node, which is the same in a copy
	number(cs.expr(x), func(n int, c *dstutil.Cursor) bool {
		p, ok := saved[c.Node()]
		if ok {
			at[n] = p
		}
		return !ok
	})
	return number(clone(cs.expr(x)), func(n int, c *dstutil.Cursor) bool {
		p, ok := at[n]
		if ok {
			c.Replace(written(p, ref))
		}
		return !ok
	})
}

// number visits the nodes of x in order, with their numbers, and those below a node
// where visit returns true.
func number(x dst.Expr, visit func(int, *dstutil.Cursor) bool) dst.Expr {
	n := -1
	return dstutil.Apply(x, func(c *dstutil.Cursor) bool {
		if c.Node() == nil {
			return false
		}
		n++
		return visit(n, c)
	}, nil).(dst.Expr)
}

func written(p plan.Part, ref func(*plan.Temp) dst.Expr) dst.Expr {
	x := ref(p.Temp)
	switch p.As {
	case plan.Deref:
		return &dst.UnaryExpr{Op: token.AND, X: &dst.StarExpr{X: x}}
	case plan.Whole:
		return &dst.SliceExpr{X: x}
	}
	return x
}
