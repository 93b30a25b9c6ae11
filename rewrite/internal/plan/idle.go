package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
)

// dropIdle takes the sites out of the active sets whose literals do nothing
// where recover returns nil, as it does for -unwind=none:
//
//	defer func() {
//		if r := recover(); r != nil {
//			err = fmt.Errorf("recovered: %v", r)
//		}
//	}()
//
// The literal stays in the text, as the value of a blank assignment, so that
// what it uses is used.
func (f *Func) dropIdle() {
	if f.opts.Native {
		return
	}
	for _, s := range f.Sites {
		lit := s.Callee.Lit
		inside := s.Recovers.How == analyse.Inside && lit != nil
		if s.Callee.Builtin != "recover" && !(inside && f.idleBody(lit.Body.List)) {
			continue
		}
		s.Idle = true
		for _, e := range f.Func.Exits {
			e.Active.May.Clear(s.Index)
			e.Active.Must.Clear(s.Index)
		}
	}
}

// idleBody reports whether list does nothing if each recover in it returns nil.
func (f *Func) idleBody(list []ast.Stmt) bool {
	var recovered types.Object // holds what recover returned
	define := func(s ast.Stmt) bool {
		as, ok := s.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 1 || !f.isRecover(as.Rhs[0]) {
			return false
		}
		id, ok := as.Lhs[0].(*ast.Ident)
		if !ok || as.Tok != token.DEFINE && id.Name != "_" {
			return false
		}
		recovered = f.info.Defs[id]
		return true
	}
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if !f.isRecover(s.X) {
				return false
			}
		case *ast.AssignStmt:
			if !define(s) {
				return false
			}
		case *ast.IfStmt:
			if s.Init != nil && !define(s.Init) || s.Else != nil {
				return false
			}
			switch op := f.comparedWithNil(s.Cond, recovered); {
			case op == token.EQL && onlyReturns(s.Body):
				return true
			case op != token.NEQ:
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (f *Func) isRecover(x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && f.info.Uses[id] == types.Universe.Lookup("recover")
}

// comparedWithNil returns how cond compares recovered, or what recover returns,
// with nil; ILLEGAL where it does not.
func (f *Func) comparedWithNil(cond ast.Expr, recovered types.Object) token.Token {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || !f.info.Types[b.Y].IsNil() {
		return token.ILLEGAL
	}
	id, ok := ast.Unparen(b.X).(*ast.Ident)
	if f.isRecover(b.X) || ok && recovered != nil && f.info.Uses[id] == recovered {
		return b.Op
	}
	return token.ILLEGAL
}

func onlyReturns(b *ast.BlockStmt) bool {
	if len(b.List) != 1 {
		return false
	}
	_, ok := b.List[0].(*ast.ReturnStmt)
	return ok
}
