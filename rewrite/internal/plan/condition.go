package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// askAgain finds the sites that need no bit, since the condition under which they are pending can be
// asked again at the exits: it stands on its own in the function's list, it has the same value
// there, and nothing is left of the statement.
//
//	if c != nil {              n := work()
//		defer c.Close()        if c != nil {
//	}                              c.Close()
//	return work()              }
//	                           return n
func askAgain(d *draft) {
	for _, s := range d.Sites {
		if s.If = conditionOf(d, s); s.If != nil {
			s.because(AskedAgain)
		}
	}
}

func conditionOf(d *draft, s *Site) *ast.IfStmt {
	if !s.Strategy.Asks || s.Guard != nil || s.Own || s.Dead || s.Records != nil || len(s.Loops) > 0 || d.Tail != nil || d.HasGoto {
		return nil
	}
	c := s.Call
	if len(c.Temps) > 0 || c.Thunk != nil || c.NilCheck != nil || slices.ContainsFunc(c.Args, func(a Arg) bool { return a.Check != nil }) {
		return nil
	}
	cond := d.onlyIn(s)
	if lt := (&later{d, s, d.places(s)}); cond == nil || d.commentsAt(cond) || !lt.sameAgain(cond.Cond) {
		return nil
	}
	return cond
}

// onlyIn returns the if statement of the function's own list in which s is the only statement, nil if
// there is none.
func (d *draft) onlyIn(s *Site) *ast.IfStmt {
	i := slices.IndexFunc(d.Body.List, func(st ast.Stmt) bool { return st.Pos() <= s.Stmt.Pos() && s.Stmt.Pos() < st.End() })
	cond, ok := d.Body.List[i].(*ast.IfStmt)
	if !ok || cond.Init != nil || cond.Else != nil || len(cond.Body.List) != 1 || cond.Body.List[0] != ast.Stmt(s.Stmt) {
		return nil
	}
	return cond
}

// commentsAt reports whether a comment stands in s, beside it or right above it.
func (d *draft) commentsAt(s ast.Stmt) bool {
	line := func(pos token.Pos) int { return d.pkg.Fset.PositionFor(pos, false).Line }
	return slices.ContainsFunc(d.Unit.File.Syntax.Comments, func(g *ast.CommentGroup) bool {
		return line(g.End()) >= line(s.Pos())-1 && line(g.Pos()) <= line(s.End())
	})
}

// sameAgain reports whether the condition x has the same value where the call is written as at the site,
// and cannot panic.
func (lt *later) sameAgain(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		return x.Op == token.NOT && lt.sameAgain(x.X)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND, token.LOR:
			return lt.sameAgain(x.X) && lt.sameAgain(x.Y)
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			isNil := lt.info.Types[x.X].IsNil() || lt.info.Types[x.Y].IsNil()
			return lt.isAtom(x.X) && lt.isAtom(x.Y) && (isNil || isWord(lt.info.TypeOf(x.X)) && isWord(lt.info.TypeOf(x.Y)))
		}
		return false
	}
	return lt.isAtom(x)
}

// isAtom reports whether x is a constant, nil, or a variable that keeps its value.
func (lt *later) isAtom(x ast.Expr) bool {
	x = ast.Unparen(x)
	tv := lt.info.Types[x]
	return (tv.Value != nil || tv.IsNil() || isIdent(x)) && lt.stable(x)
}

// isWord reports whether values of type t can be compared without a panic.
func isWord(t types.Type) bool {
	switch analysis.Under(t).(type) {
	case *types.Basic, *types.Pointer, *types.Chan:
		return true
	}
	return false
}
