package nopanic

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A fact is something that holds from a point of the walk on, as long as the
// statements that follow are in the same list or inside it. Facts form a list:
// to forget what was learned in a branch, the walker goes back to the list that
// it had before. They are about variables that hold one value only.
type fact struct {
	v         *types.Var
	in        *types.Var // nil: v is not nil; else v is an index of in
	iteration bool       // it holds in one iteration of a loop: the next one changes v
	next      *fact
}

func (w *walker) learn(v *types.Var) {
	if w.vars.Fixed(v) && !w.knows(v) {
		w.facts = &fact{v: v, iteration: w.perLoop[v], next: w.facts}
	}
}

func (w *walker) knows(v *types.Var) bool {
	for f := w.facts; f != nil; f = f.next {
		if f.v == v && f.in == nil {
			return true
		}
	}
	return false
}

// within reports whether index is a variable that is known to be in range for
// x, a variable too.
func (w *walker) within(index, x ast.Expr) bool {
	i, s := w.variable(index), w.variable(x)
	if i == nil || s == nil {
		return false
	}
	for f := w.facts; f != nil; f = f.next {
		if f.v == i && f.in == s {
			return true
		}
	}
	return false
}

// variable returns the local variable or parameter that x names, or nil.
func (w *walker) variable(x ast.Expr) *types.Var {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		if v, ok := w.info.ObjectOf(id).(*types.Var); ok {
			return v
		}
	}
	return nil
}

// isNotNil reports whether x is not nil. In a function that is called, that of
// a parameter becomes something that its callers have to see to.
func (w *walker) isNotNil(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.FuncLit, *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return x.Op == token.AND
	case *ast.CallExpr:
		return w.makes(x)
	case *ast.Ident:
		v := w.variable(x)
		if v == nil || !w.vars.Fixed(v) {
			return false
		}
		if w.knows(v) {
			return true
		}
		if i, ok := w.params[v]; ok {
			w.needs[i] = true
			return true
		}
	}
	return false
}

// makes reports whether call is one of make or new.
func (w *walker) makes(call *ast.CallExpr) bool {
	b := analysis.BuiltinName(w.info, call)
	return b == "make" || b == "new"
}

// defined learns from "v := x".
func (w *walker) defined(id *ast.Ident, x ast.Expr) {
	v, ok := w.info.Defs[id].(*types.Var)
	if !ok || !w.vars.Fixed(v) {
		return
	}
	if lit, ok := ast.Unparen(x).(*ast.FuncLit); ok {
		w.literals[v] = &literal{lit, w.facts}
	}
	if nilable(v.Type()) && w.isMade(x) {
		w.learn(v)
	}
}

// isMade is isNotNil without asking anything of the callers.
func (w *walker) isMade(x ast.Expr) bool {
	if v := w.variable(x); v != nil {
		return w.knows(v)
	}
	return w.isNotNil(x)
}

func nilable(t types.Type) bool {
	switch analysis.Under(t).(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Slice, *types.Signature, *types.Interface:
		return true
	}
	return false
}

// assume learns from a condition that turned out to be value.
func (w *walker) assume(cond ast.Expr, value bool) {
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if c.Op == token.NOT {
			w.assume(c.X, !value)
		}
	case *ast.BinaryExpr:
		switch {
		case c.Op == token.LAND && value, c.Op == token.LOR && !value:
			w.assume(c.X, value)
			w.assume(c.Y, value)
		case c.Op == token.NEQ && value, c.Op == token.EQL && !value:
			w.differ(c.X, c.Y)
			w.differ(c.Y, c.X)
		}
	}
}

// differ learns from x != y.
func (w *walker) differ(x, y ast.Expr) {
	if v := w.variable(x); v != nil && w.info.Types[y].IsNil() {
		w.learn(v)
	}
}

// rangeIndex learns that the key of s is in range for what it ranges over.
func (w *walker) rangeIndex(s *ast.RangeStmt) {
	if s.Tok != token.DEFINE || s.Key == nil {
		return
	}
	i, x := w.variable(s.Key), w.variable(s.X)
	if i != nil && x != nil && w.vars.Fixed(i) && w.indexed(x) {
		w.facts = &fact{v: i, in: x, iteration: w.perLoop[x], next: w.facts}
	}
}

// indexed reports whether the length of x never changes.
func (w *walker) indexed(x *types.Var) bool {
	switch analysis.Under(x.Type()).(type) {
	case *types.Array:
		return true
	case *types.Slice, *types.Basic: // a string; an integer is never indexed
		return w.vars.Fixed(x)
	}
	return false
}

// counterIndex learns, for the body of "for i := 0; i < len(x); i++", that i is
// in range for x.
func (w *walker) counterIndex(s *ast.ForStmt) {
	c, ok := analysis.CounterOf(w.info, s)
	if !ok || c.Len == nil || c.Op != token.LSS || c.Step != 1 || c.First == nil || constant.Sign(c.First) < 0 {
		return
	}
	if x := w.variable(c.Len); x != nil && w.indexed(x) {
		w.facts = &fact{v: c.Var, in: x, iteration: true, next: w.facts}
	}
}
