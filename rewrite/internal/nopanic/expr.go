package nopanic

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

func (w *walker) exprs(list []ast.Expr) {
	for _, x := range list {
		w.expr(x)
	}
}

// expr looks at the evaluation of x.
func (w *walker) expr(x ast.Expr) {
	if tv := w.info.Types[x]; x == nil || tv.Value != nil || tv.IsType() || tv.IsNil() {
		return
	}
	switch x := x.(type) {
	case *ast.Ident, *ast.FuncLit, *ast.BasicLit:
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

// pointer looks at going through p, as n does. After it, p is not nil.
func (w *walker) pointer(n ast.Node, p ast.Expr) {
	if w.matters(n) && !w.isNotNil(p) {
		w.may(n, types.ExprString(p)+" may be nil")
	}
	w.used(p)
}

// used learns that p was not nil.
func (w *walker) used(p ast.Expr) {
	if v := w.variable(p); v != nil && !w.gotos() {
		w.learn(v)
	}
}

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

// address looks at what finding the variable x takes.
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

// hops is an obstacle where there are embedded pointers on the way of a
// selection, other than the first operand itself.
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

// through learns from the method value or call x.M: of an interface, and of
// what an embedded field of a pointer's struct has, x is not nil after it.
func (w *walker) through(sel *ast.SelectorExpr, s *types.Selection) {
	v := w.variable(sel.X)
	if v == nil || w.gotos() {
		return
	}
	if types.IsInterface(v.Type()) && !isTypeParam(v.Type()) {
		w.learn(v)
	}
	if _, ok := analysis.Under(v.Type()).(*types.Pointer); ok && len(s.Index()) > 1 {
		w.learn(v)
	}
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
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
				if !w.comparable(kv.Key) {
					w.may(kv, "a key may not be hashable")
				}
			}
			e = kv.Value
		}
		w.element(e)
	}
}

// element looks at an element of a composite literal, whose type may be left
// out: then it has none of its own.
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
		if !nilX && !nilY && !(w.comparable(x.X) && w.comparable(x.Y)) {
			w.may(x, "the comparison may panic")
		}
	}
}

// divisor looks at a division by y with a result of x's type.
func (w *walker) divisor(n ast.Node, x, y ast.Expr) {
	b, _ := analysis.Under(w.info.TypeOf(x)).(*types.Basic)
	v := w.info.Types[y].Value
	if b == nil || b.Info()&types.IsInteger != 0 && (v == nil || constant.Sign(v) == 0) {
		w.may(n, "the divisor may be zero")
	}
}

func (w *walker) shift(n ast.Node, count ast.Expr) {
	b, _ := analysis.Under(w.info.TypeOf(count)).(*types.Basic)
	if w.info.Types[count].Value == nil && (b == nil || b.Info()&types.IsUnsigned == 0) {
		w.may(n, "the shift count may be negative")
	}
}

// comparable reports whether comparing or hashing values of x's type cannot
// panic.
func (w *walker) comparable(x ast.Expr) bool { return compares(w.info.TypeOf(x)) }

// compares reports the same of all values of type t.
func compares(t types.Type) bool {
	switch u := analysis.Under(t).(type) {
	case *types.Basic, *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return compares(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if !compares(u.Field(i).Type()) {
				return false
			}
		}
		return true
	}
	return false
}

func (w *walker) index(x *ast.IndexExpr) {
	switch t := analysis.Under(w.info.TypeOf(x.X)).(type) {
	case *types.Map:
		w.exprs([]ast.Expr{x.X, x.Index})
		_, generic := types.Unalias(t.Key()).(*types.TypeParam)
		switch {
		case generic:
			w.mayRarely(x, "the key may not be hashable")
		case !w.comparable(x.Index) || !compares(t.Key()):
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

// slice looks at x[a:b]: x[:], x[0:] and x[:0] are always in range.
func (w *walker) slice(x *ast.SliceExpr) {
	w.expr(x.X)
	w.exprs([]ast.Expr{x.Low, x.High, x.Max})
	switch analysis.Under(w.info.TypeOf(x.X)).(type) {
	case *types.Slice, *types.Basic:
		if x.Max == nil && w.isZero(x.Low) && w.isZero(x.High) {
			return
		}
	}
	w.may(x, "the slice bounds may be out of range")
}

func (w *walker) isZero(x ast.Expr) bool {
	if x == nil {
		return true
	}
	v := w.info.Types[x].Value
	return v != nil && constant.Sign(v) == 0
}

// total are the builtins that do not panic, whatever their arguments.
var total = map[string]bool{
	"cap": true, "clear": true, "complex": true, "copy": true, "imag": true, "len": true,
	"max": true, "min": true, "new": true, "print": true, "println": true, "real": true, "recover": true,
}

// call looks at a call and its operands.
func (w *walker) call(x *ast.CallExpr) {
	if w.info.Types[x.Fun].IsType() {
		w.conversion(x)
		return
	}
	if name := analysis.BuiltinName(w.info, x); name != "" {
		w.callBuiltin(x, name)
		return
	}
	w.exprs(x.Args)
	switch fun := ast.Unparen(x.Fun).(type) {
	case *ast.FuncLit:
		w.literal(x, &literal{fun, w.facts})
		return
	case *ast.Ident:
		if v := w.variable(fun); v != nil && w.literals[v] != nil {
			w.literal(x, w.literals[v])
			return
		}
	}
	fn, sel := w.callee(x)
	if fn == nil {
		w.mayCall(x, "")
		w.expr(x.Fun)
		return
	}
	w.function(x, fn, sel)
}

// callee returns the declared function or method that x calls, and how it is
// selected; nil where it is only known when the program runs.
func (w *walker) callee(x *ast.CallExpr) (*types.Func, *ast.SelectorExpr) {
	fn := typeutil.StaticCallee(w.info, x)
	sel, _ := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	s := w.info.Selections[sel]
	switch {
	case s == nil:
		return fn, nil
	case fn == nil || s.Kind() != types.MethodVal:
		w.through(sel, s)
		return nil, nil
	}
	return fn, sel
}

// function looks at the call of fn.
func (w *walker) function(x *ast.CallExpr, fn *types.Func, sel *ast.SelectorExpr) {
	if sel != nil {
		w.receiver(sel, w.info.Selections[sel], fn)
	}
	if standard[fn.Origin().FullName()] {
		if sel != nil {
			w.receiverNotNil(x, sel, fn.Signature().Recv())
			w.used(sel.X)
		}
		return
	}
	if !w.matters(x) {
		return
	}
	s, elsewhere := w.prover.of(fn, w.file)
	switch {
	case elsewhere != "":
		w.mayCall(x, ", in a build without "+elsewhere)
	case s == nil:
		w.mayCall(x, "")
	case s.obstacle != nil && s.obstacle.Recursive:
		w.mayCall(x, ": it leads to functions that call one another")
		w.first.Recursive = true
	case s.obstacle != nil:
		w.mayCall(x, "")
		w.first.Inside = s.obstacle
	default:
		w.arguments(x, fn, sel, s)
		w.calls[fn.Origin().FullName()] = true
	}
}

// mayCall is an obstacle: a call, and why.
func (w *walker) mayCall(x *ast.CallExpr, why string) {
	name := "a literal that is called"
	if _, ok := ast.Unparen(x.Fun).(*ast.FuncLit); !ok {
		name = types.ExprString(x.Fun)
	}
	w.may(x, name+" may panic or call Goexit"+why)
}

// arguments sees to it that what fn needs is not nil.
func (w *walker) arguments(x *ast.CallExpr, fn *types.Func, sel *ast.SelectorExpr, s *summary) {
	for i, v := range parameters(fn.Signature()) {
		if !s.needs[i] {
			continue
		}
		if fn.Signature().Recv() != nil {
			i--
		}
		switch {
		case i < 0:
			w.receiverNotNil(x, sel, v)
		case i < len(x.Args) && !fn.Signature().Variadic() && fn.Signature().Params().Len() == len(x.Args):
			w.notNil(x, x.Args[i], v)
		default:
			w.may(x, fmt.Sprintf("an argument of %s may be nil", types.ExprString(x.Fun)))
		}
	}
}

// receiverNotNil is notNil for the receiver v, which is found from sel.X.
func (w *walker) receiverNotNil(call *ast.CallExpr, sel *ast.SelectorExpr, v *types.Var) {
	_, wantsPointer := types.Unalias(v.Type()).(*types.Pointer)
	_, isPointer := analysis.Under(w.info.TypeOf(sel.X)).(*types.Pointer)
	direct := len(w.info.Selections[sel].Index()) == 1
	switch {
	case wantsPointer && (!isPointer || !direct):
		return // the address of something: see receiver
	case wantsPointer || direct && !isPointer:
		w.notNil(call, sel.X, v)
	default:
		w.may(call, "the receiver of "+types.ExprString(sel)+" may be nil")
	}
}

// notNil is an obstacle where the argument x for the parameter v may be nil.
func (w *walker) notNil(call *ast.CallExpr, x ast.Expr, v *types.Var) {
	if !nilable(v.Type()) || !nilable(w.info.TypeOf(x)) && !w.info.Types[x].IsNil() {
		return // the address of x
	}
	if w.matters(call) && !w.isNotNil(x) {
		w.may(call, types.ExprString(x)+" may be nil")
	}
}

// receiver looks at the receiver of fn.
func (w *walker) receiver(sel *ast.SelectorExpr, s *types.Selection, fn *types.Func) {
	_, isPointer := analysis.Under(w.info.TypeOf(sel.X)).(*types.Pointer)
	_, wantsPointer := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	switch {
	case isPointer && (!wantsPointer || len(s.Index()) > 1):
		w.expr(sel.X)
		w.pointer(sel, sel.X)
		w.hops(sel, s)
	case isPointer:
		w.expr(sel.X)
	case s.Indirect():
		w.address(sel.X)
		w.may(sel, "a pointer in "+types.ExprString(sel.X)+" may be nil")
	default:
		w.address(sel.X)
	}
}

func (w *walker) conversion(x *ast.CallExpr) {
	w.expr(x.Args[0])
	_, toArray := analysis.Under(w.info.TypeOf(x)).(*types.Array)
	_, toPointer := analysis.Under(w.info.TypeOf(x)).(*types.Pointer)
	_, fromSlice := analysis.Under(w.info.TypeOf(x.Args[0])).(*types.Slice)
	if fromSlice && (toArray || toPointer) || isTypeParam(w.info.TypeOf(x)) || isTypeParam(w.info.TypeOf(x.Args[0])) {
		w.may(x, "the conversion may panic")
	}
}

func (w *walker) callBuiltin(x *ast.CallExpr, name string) {
	w.exprs(x.Args)
	switch {
	case total[name]:
		return
	case name == "append":
		if t, ok := analysis.Under(w.info.TypeOf(x)).(*types.Slice); ok && takesMemory(t.Elem()) {
			return
		}
	case name == "delete":
		if m, ok := analysis.Under(w.info.TypeOf(x.Args[0])).(*types.Map); ok && compares(m.Key()) {
			return
		}
	case name == "make":
		if w.small(x) {
			return
		}
	}
	if name == "panic" {
		w.may(x, "panic is called")
		return
	}
	w.may(x, name+" may panic")
}

// small reports whether what make makes is well below what is out of range: its
// sizes are small constants. For a map, they are a hint.
func (w *walker) small(x *ast.CallExpr) bool {
	size := int64(1)
	switch t := analysis.Under(w.info.TypeOf(x)).(type) {
	case *types.Slice:
		size = sizeAtMost(t.Elem())
	case *types.Chan:
		size = sizeAtMost(t.Elem())
	case *types.Map:
		size = 0
	default:
		return false
	}
	for _, n := range x.Args[1:] {
		v := w.info.Types[n].Value
		if call, ok := ast.Unparen(n).(*ast.CallExpr); ok && size == 0 && analysis.BuiltinName(w.info, call) == "len" {
			continue
		}
		if v == nil {
			return false
		}
		if n, exact := constant.Int64Val(constant.ToInt(v)); !exact || n < 0 || n > 1<<12 || n*size > 1<<24 {
			return false
		}
	}
	return true
}

// sizeAtMost returns a bound for the size of a value of type t on any machine.
func sizeAtMost(t types.Type) int64 {
	const huge = 1 << 24
	if isTypeParam(t) {
		return huge
	}
	switch u := analysis.Under(t).(type) {
	case *types.Array:
		if u.Len() > huge {
			return huge
		}
		return min(huge, u.Len()*sizeAtMost(u.Elem()))
	case *types.Struct:
		size := int64(0)
		for i := range u.NumFields() {
			size += 8 + sizeAtMost(u.Field(i).Type())
		}
		return min(huge, size)
	}
	return 24
}

// takesMemory reports whether values of type t have a size: then no slice of
// them has more elements than there are bytes.
func takesMemory(t types.Type) bool {
	if isTypeParam(t) {
		return false
	}
	switch u := analysis.Under(t).(type) {
	case *types.Array:
		return u.Len() > 0 && takesMemory(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if takesMemory(u.Field(i).Type()) {
				return true
			}
		}
		return false
	}
	return true
}

// literal walks through the body of a literal that is called.
func (w *walker) literal(call *ast.CallExpr, l *literal) {
	if w.walked[l.lit] || !w.matters(call) {
		return
	}
	w.walked[l.lit] = true
	w.promises(l.lit)
	inner := *w
	inner.facts, inner.frame, inner.site = l.facts.lasting(), nil, nil
	inner.literals = maps.Clone(w.literals)
	inner.body(l.lit.Body)
	w.first, w.rare = inner.first, inner.rare
}

// lasting leaves out what holds in one iteration of a loop only.
func (f *fact) lasting() *fact {
	switch {
	case f == nil:
		return nil
	case f.iteration:
		return f.next.lasting()
	}
	rest := f.next.lasting()
	if rest == f.next {
		return f
	}
	g := *f
	g.next = rest
	return &g
}
