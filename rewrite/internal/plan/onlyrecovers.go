package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// onlyRecovers reports whether nothing is left of what a deferred literal does
// where recover returns nil.
func onlyRecovers(info *types.Info, c *analysis.Callee) bool {
	r := &recovered{info: info, calls: c.Recover}
	for _, st := range c.Lit.Body.List {
		if cond, ok := st.(*ast.IfStmt); ok && cond.Init == nil && r.compares(cond.Cond, token.EQL) && returns(cond.Body) {
			return true
		}
		if !r.only(st) {
			return false
		}
	}
	return true
}

// recovered is what is known to be nil in a literal.
type recovered struct {
	info  *types.Info
	calls []*ast.CallExpr // of recover
	vars  []types.Object  // that hold what it returned
}

// only reports whether st does nothing where recover returns nil.
func (r *recovered) only(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.EmptyStmt:
		return true
	case *ast.ExprStmt:
		return r.isCall(st.X)
	case *ast.AssignStmt:
		if len(st.Lhs) != 1 || !r.isCall(st.Rhs[0]) {
			return false
		}
		id, ok := st.Lhs[0].(*ast.Ident)
		if ok && r.info.Defs[id] != nil {
			r.vars = append(r.vars, r.info.Defs[id])
		}
		return ok && (id.Name == "_" || r.info.Defs[id] != nil)
	case *ast.IfStmt:
		return (st.Init == nil || r.only(st.Init)) && st.Else == nil && r.compares(st.Cond, token.NEQ)
	}
	return false
}

func (r *recovered) isCall(e ast.Expr) bool {
	return slices.ContainsFunc(r.calls, func(c *ast.CallExpr) bool { return ast.Unparen(e) == c })
}

// compares reports whether e is "r op nil" for what recover returned, alone or, with
// !=, among what is joined by &&.
func (r *recovered) compares(e ast.Expr, op token.Token) bool {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok {
		return false
	}
	if b.Op == token.LAND {
		return op == token.NEQ && r.compares(b.X, op)
	}
	id, _ := ast.Unparen(b.X).(*ast.Ident)
	return b.Op == op && r.info.Types[b.Y].IsNil() && (r.isCall(b.X) || id != nil && slices.Contains(r.vars, r.info.Uses[id]))
}

// returns reports whether a block does nothing but return.
func returns(b *ast.BlockStmt) bool {
	if len(b.List) != 1 {
		return false
	}
	ret, ok := b.List[0].(*ast.ReturnStmt)
	return ok && len(ret.Results) == 0
}
