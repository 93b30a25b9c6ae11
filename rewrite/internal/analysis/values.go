package analysis

import (
	"go/ast"
	"go/types"
)

// valueRecovers is of for a function value: it can be told of a variable that
// holds one literal, or what a certain function returned.
func (u *Unit) valueRecovers(fun ast.Expr) Recovers {
	unknown := Recovers{How: Maybe, Why: "a function value may call recover"}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return unknown
	}
	v, ok := u.Pkg.Info.Uses[id].(*types.Var)
	if !ok || !u.Vars.Fixed(v) {
		return unknown
	}
	value, index := u.definition(v)
	switch x := ast.Unparen(value).(type) {
	case *ast.FuncLit:
		if len(recoverCalls(u.Pkg.Info, x.Body)) > 0 {
			return Recovers{How: Maybe, Why: id.Name + " calls recover"}
		}
		return Recovers{Blind: !u.looksUp(x)}
	case *ast.CallExpr:
		if c := callee(u.Pkg.Info, x); c.Kind == Function && c.Func != nil && index == 1 && returnsCalm[c.Func.FullName()] {
			return Recovers{Blind: true}
		}
	}
	return unknown
}

// returnsCalm are functions of the standard library whose second result is a
// function that does not call recover (TestReturnsCalm).
var returnsCalm = map[string]bool{
	"context.WithCancel": true, "context.WithCancelCause": true,
	"context.WithDeadline": true, "context.WithDeadlineCause": true,
	"context.WithTimeout": true, "context.WithTimeoutCause": true,
	"os/signal.NotifyContext": true,
}

// definition returns the expression that v is declared with, and which of its
// values v is; nil where there is none.
func (u *Unit) definition(v *types.Var) (value ast.Expr, index int) {
	found := func(names []ast.Expr, values []ast.Expr) {
		for i, x := range names {
			id, ok := x.(*ast.Ident)
			if !ok || u.Pkg.Info.Defs[id] != v {
				continue
			}
			switch len(values) {
			case len(names):
				value = values[i]
			case 1:
				value, index = values[0], i
			}
		}
	}
	ast.Inspect(u.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(n.Names))
			for i, id := range n.Names {
				names[i] = id
			}
			found(names, n.Values)
		}
		return value == nil
	})
	return value, index
}
