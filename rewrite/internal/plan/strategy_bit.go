package plan

import (
	"go/ast"
	"go/token"
)

// Bit is the strategy for a site that is pending on only some paths to an exit: a bit
// of the mask tells, or the variable that holds its literal, and the exit asks.
var Bit = &Strategy{Name: "bit", Asks: true}

func bit(f *Func, s *Site) (Reasons, bool) {
	if f.Tail != nil {
		if f.Tail.Runs.Has(s.Index) && !f.Tail.Active.Must.Has(s.Index) {
			return because(SomeExits, f.Tail.Exits), true
		}
		return nil, false
	}
	for _, e := range f.Exits {
		if e.Runs.Has(s.Index) && !e.Active.Must.Has(s.Index) && !e.remains[s].Nothing() {
			return f.inDoubt(s, e), true
		}
	}
	return nil, false
}

// inDoubt says what makes it so that s may be pending at e or not.
func (f *Func) inDoubt(s *Site, e *Exit) Reasons {
	if b := f.branch(s, e); b != nil {
		return f.becauseAt(b.Pos(), InBranch)
	}
	return f.becauseAt(e.Pos, SomePaths)
}

// branch returns the innermost branch of an if, switch or select statement that s is
// in and e is not: the if statement, the block behind its else, or the clause. It is
// nil where there is none.
func (f *Func) branch(s *Site, e *Exit) (branch ast.Node) {
	in := func(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }
	ast.PreorderStack(f.Node, nil, func(n ast.Node, stack []ast.Node) bool {
		if !in(n, s.Stmt.Pos()) {
			return false
		}
		taken := ast.Node(nil)
		switch n := n.(type) {
		case *ast.BlockStmt:
			if up, ok := stack[len(stack)-1].(*ast.IfStmt); ok && n == up.Body {
				taken = up
			} else if ok {
				taken = n
			}
		case *ast.CaseClause, *ast.CommClause:
			taken = n
		}
		if taken != nil && !in(n, e.Pos) {
			branch = taken
		}
		return true
	})
	return branch
}
