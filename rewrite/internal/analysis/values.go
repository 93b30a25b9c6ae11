package analysis

import (
	"go/ast"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// maxValues is how many variables valueRecovers looks through, one after the other.
const maxValues = 4

// valueRecovers says whether a deferred call of a function value may stop a panic. Of
// a local variable it knows that from all that is ever assigned to it:
//
//	var cancel func()
//	ctx, cancel = context.WithTimeout(ctx, time.Second)
//	defer cancel()
//
// depth is how many variables have led to fun.
func (u *Unit) valueRecovers(fun ast.Expr, known facts.Store, depth int) Recovers {
	unknown := Recovers{How: Maybe, Why: "a function value may call recover"}
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok || depth == maxValues {
		return unknown
	}
	v, ok := u.Pkg.Info.Uses[id].(*types.Var)
	if !ok || !u.Vars.OnlyAssigned(v) {
		return unknown
	}
	values, ok := u.values(v)
	if !ok {
		return unknown
	}
	all := Recovers{Blind: true}
	for _, value := range values {
		r := unknown
		switch x := ast.Unparen(value.expr).(type) {
		case *ast.FuncLit:
			r = Recovers{Blind: !u.looksUp(x)}
			if len(recoverCalls(u.Pkg.Info, x.Body)) > 0 {
				r = Recovers{How: Maybe, Why: id.Name + " calls recover"}
			}
		case *ast.CallExpr:
			if c := callee(u.Pkg.Info, x); c.Kind == Function && c.Func != nil && value.index == 1 && returnsCalm[c.Func.FullName()] {
				r = Recovers{Blind: true}
			}
		default:
			if u.Pkg.Info.Types[x].IsNil() {
				r = Recovers{Blind: true}
				break
			}
			switch c := callee(u.Pkg.Info, &ast.CallExpr{Fun: x}); c.Kind {
			case Value:
				r = u.valueRecovers(x, known, depth+1)
			case Function, Method, Interface:
				r = u.recovers(c, known)
			}
		}
		if r.How != Never {
			return Recovers{How: Maybe, Why: r.Why}
		}
		all.Blind = all.Blind && r.Blind
	}
	return all
}

// A value is what is assigned to a variable: expr, or one of the results of that
// call.
type value struct {
	expr  ast.Expr
	index int
}

// values returns all that is assigned to the local variable v; ok is false where
// something else gives it a value.
func (u *Unit) values(v *types.Var) (values []value, ok bool) {
	declared, ok := false, true
	is := func(x ast.Expr) bool {
		id, isID := ast.Unparen(x).(*ast.Ident)
		if isID && u.Pkg.Info.Defs[id] == v {
			declared = true
		}
		return isID && u.Pkg.Info.ObjectOf(id) == v
	}
	assigned := func(to []ast.Expr, from []ast.Expr) {
		for i, x := range to {
			switch {
			case !is(x) || len(from) == 0:
			case len(from) == len(to):
				values = append(values, value{from[i], 0})
			default:
				values = append(values, value{from[0], i})
			}
		}
	}
	eachAssignment(u.Decl, assigned)
	ast.Inspect(u.Decl, func(n ast.Node) bool {
		if n, isRange := n.(*ast.RangeStmt); isRange {
			ok = ok && !(n.Key != nil && is(n.Key)) && !(n.Value != nil && is(n.Value))
		}
		return true
	})
	return values, ok && declared
}

// eachAssignment visits the assignments and declarations of variables in n, with what
// is assigned to, and the values: as many, one call with several results, or none.
func eachAssignment(n ast.Node, visit func(to, from []ast.Expr)) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			visit(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(n.Names))
			for i, id := range n.Names {
				names[i] = id
			}
			visit(names, n.Values)
		}
		return true
	})
}

// returnsCalm are functions of the standard library whose second result is a function
// that does not call recover, such as context.WithTimeout (TestReturnsCalm).
var returnsCalm = map[string]bool{
	"context.WithCancel": true, "context.WithCancelCause": true,
	"context.WithDeadline": true, "context.WithDeadlineCause": true,
	"context.WithTimeout": true, "context.WithTimeoutCause": true,
	"os/signal.NotifyContext": true,
}

// definition returns the expression that v is declared with, and which of its results
// v is; nil where there is none.
func (u *Unit) definition(v *types.Var) (value ast.Expr, index int) {
	eachAssignment(u.Decl, func(names, values []ast.Expr) {
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
	})
	return value, index
}
