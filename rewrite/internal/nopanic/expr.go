package nopanic

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

func (w *walker) exprs(list []ast.Expr) {
	for _, x := range list {
		w.expr(x)
	}
}

// expr looks at what evaluating x does.
func (w *walker) expr(x ast.Expr) {
	if tv := w.info.Types[x]; x == nil || tv.Value != nil || tv.IsType() || tv.IsNil() {
		return
	}
	switch x := x.(type) {
	case *ast.Ident, *ast.BasicLit:
	case *ast.FuncLit:
		w.inside(x)
	case *ast.ParenExpr:
		w.expr(x.X)
	case *ast.SelectorExpr:
		w.selector(x)
	case *ast.CompositeLit:
		w.composite(x)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			w.address(x.X)
			return
		}
		w.expr(x.X) // a receive may block, but not panic
	case *ast.BinaryExpr:
		w.binary(x)
	case *ast.StarExpr:
		w.expr(x.X)
		w.pointer(x, x.X)
	case *ast.IndexExpr:
		w.index(x)
	case *ast.IndexListExpr: // an instance of a generic function
	case *ast.SliceExpr:
		w.slice(x)
	case *ast.CallExpr:
		w.call(x)
	default:
		w.may(x, types.ExprString(x)+" may panic")
	}
}

// pointer looks at n, which goes through the pointer p. Behind it, p is not nil.
func (w *walker) pointer(n ast.Node, p ast.Expr) {
	if w.matters(n) && !w.isNotNil(p) {
		w.may(n, types.ExprString(p)+" may be nil")
	}
	w.used(p)
}

// used learns that p is not nil, since something went through it.
func (w *walker) used(p ast.Expr) {
	if v := w.variable(p); v != nil && !w.gotos() {
		w.learn(v)
	}
}

// selector looks at x.f: a field, or a method value.
func (w *walker) selector(x *ast.SelectorExpr) {
	s := w.info.Selections[x]
	switch {
	case s == nil: // a qualified identifier
	case s.Kind() == types.FieldVal:
		w.address(x)
	case s.Kind() == types.MethodVal:
		w.expr(x.X)
		w.through(x, s)
		w.may(x, types.ExprString(x)+" may panic")
	}
}

// address looks at what it takes to find the variable x: of p.f, to go through p.
func (w *walker) address(x ast.Expr) {
	sel, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok {
		w.expr(x)
		return
	}
	s := w.info.Selections[sel]
	if s == nil {
		return
	}
	if s.Kind() != types.FieldVal {
		w.expr(sel)
		return
	}
	_, isPointer := analysis.Under(w.info.TypeOf(sel.X)).(*types.Pointer)
	switch {
	case isPointer:
		w.expr(sel.X)
		w.pointer(sel, sel.X)
		w.hops(sel, s)
	case s.Indirect():
		w.address(sel.X)
		w.may(sel, "a pointer in "+types.ExprString(sel.X)+" may be nil")
	default:
		w.address(sel.X)
	}
}

// hops notes that an embedded pointer on the way of a selection may be nil, other
// than its first operand.
func (w *walker) hops(sel *ast.SelectorExpr, s *types.Selection) {
	t := s.Recv()
	if ptr, ok := analysis.Under(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	for _, i := range s.Index()[:len(s.Index())-1] {
		st, ok := analysis.Under(t).(*types.Struct)
		if !ok {
			return
		}
		t = st.Field(i).Type()
		if ptr, ok := analysis.Under(t).(*types.Pointer); ok {
			t = ptr.Elem()
			w.may(sel, "a pointer in "+types.ExprString(sel.X)+" may be nil")
		}
	}
}

// through learns from x.M that x is not nil behind it, where x is an interface, or a
// pointer to a struct that has M from an embedded field.
func (w *walker) through(sel *ast.SelectorExpr, s *types.Selection) {
	v := w.variable(sel.X)
	if v == nil || w.gotos() {
		return
	}
	if analysis.IsInterface(v.Type()) {
		w.learn(v)
	}
	if _, ok := analysis.Under(v.Type()).(*types.Pointer); ok && len(s.Index()) > 1 {
		w.learn(v)
	}
}

func (w *walker) composite(x *ast.CompositeLit) {
	t := analysis.Under(w.info.TypeOf(x))
	if p, ok := t.(*types.Pointer); ok { // &T with T left out
		t = analysis.Under(p.Elem())
	}
	for _, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			switch t.(type) {
			case *types.Struct, *types.Array, *types.Slice:
			default: // a map, or of a type parameter
				w.element(kv.Key)
				if !comparable(w.info, kv.Key) {
					w.may(kv, "a key may not be hashable")
				}
			}
			e = kv.Value
		}
		w.element(e)
	}
}

// element looks at an element of a composite literal. Its type may be left out, and
// then nothing is known of it by itself.
func (w *walker) element(e ast.Expr) {
	if lit, ok := e.(*ast.CompositeLit); ok {
		w.composite(lit)
		return
	}
	w.expr(e)
}

func (w *walker) binary(x *ast.BinaryExpr) {
	w.expr(x.X)
	switch x.Op {
	case token.LAND:
		w.given(x.X, true, func() { w.expr(x.Y) })
	case token.LOR:
		w.given(x.X, false, func() { w.expr(x.Y) })
	default:
		w.expr(x.Y)
	}
	switch x.Op {
	case token.QUO, token.REM:
		w.divisor(x, x, x.Y)
	case token.SHL, token.SHR:
		w.shift(x, x.Y)
	case token.EQL, token.NEQ:
		nilX, nilY := w.info.Types[x.X].IsNil(), w.info.Types[x.Y].IsNil()
		if !nilX && !nilY && !(comparable(w.info, x.X) && comparable(w.info, x.Y)) {
			w.may(x, "the comparison may panic")
		}
	}
}

// divisor looks at x / y.
func (w *walker) divisor(n ast.Node, x, y ast.Expr) {
	b, _ := analysis.Under(w.info.TypeOf(x)).(*types.Basic)
	v := w.info.Types[y].Value
	if b == nil || b.Info()&types.IsInteger != 0 && (v == nil || constant.Sign(v) == 0) {
		w.may(n, "the divisor may be zero")
	}
}

// shift looks at a shift by count.
func (w *walker) shift(n ast.Node, count ast.Expr) {
	b, _ := analysis.Under(w.info.TypeOf(count)).(*types.Basic)
	if w.info.Types[count].Value == nil && (b == nil || b.Info()&types.IsUnsigned == 0) {
		w.may(n, "the shift count may be negative")
	}
}

// index looks at x[i].
func (w *walker) index(x *ast.IndexExpr) {
	switch t := analysis.Under(w.info.TypeOf(x.X)).(type) {
	case *types.Map:
		w.exprs([]ast.Expr{x.X, x.Index})
		_, generic := types.Unalias(t.Key()).(*types.TypeParam)
		switch {
		case generic:
			w.mayRarely(x, "the key may not be hashable")
		case !comparable(w.info, x.Index) || !compares(t.Key()):
			w.may(x, "the key may not be hashable")
		}
		return
	case *types.Array:
		w.address(x.X)
		w.expr(x.Index)
		if w.info.Types[x.Index].Value != nil {
			return
		}
	case *types.Signature:
		return // an instance of a generic function
	default:
		w.exprs([]ast.Expr{x.X, x.Index})
	}
	if w.matters(x) && !w.within(x.Index, x.X) {
		w.may(x, "the index may be out of range")
	}
}

// slice looks at x[a:b]. x[:], x[0:] and x[:0] are in range.
func (w *walker) slice(x *ast.SliceExpr) {
	w.expr(x.X)
	w.exprs([]ast.Expr{x.Low, x.High, x.Max})
	switch analysis.Under(w.info.TypeOf(x.X)).(type) {
	case *types.Slice, *types.Basic:
		if x.Max == nil && isZero(w.info, x.Low) && isZero(w.info, x.High) {
			return
		}
	}
	w.may(x, "the slice bounds may be out of range")
}
