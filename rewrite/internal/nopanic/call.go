package nopanic

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// total are the builtins that do not panic, whatever their arguments.
var total = map[string]bool{
	"cap": true, "clear": true, "complex": true, "copy": true, "imag": true, "len": true,
	"max": true, "min": true, "new": true, "print": true, "println": true, "real": true, "recover": true,
}

// call looks at a call and its operands: of a literal, a function, a builtin, or a
// conversion.
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
		w.inside(fun)
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

// callee returns the declared function or method that x calls, and the selector x.M
// of a method; nil where only the running program knows.
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

// function looks at a call of fn, by the table of the standard library or by its
// summary.
func (w *walker) function(x *ast.CallExpr, fn *types.Func, sel *ast.SelectorExpr) {
	if sel != nil {
		w.receiver(sel, w.info.Selections[sel], fn)
	}
	if w.isTimerCall(x, fn, sel) {
		return
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
	s, elsewhere := w.of(fn, w.file)
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

// mayCall notes that a call may panic or call Goexit. why is added to that.
func (w *walker) mayCall(x *ast.CallExpr, why string) {
	name := "a literal that is called"
	if _, ok := ast.Unparen(x.Fun).(*ast.FuncLit); !ok {
		name = types.ExprString(x.Fun)
	}
	w.may(x, name+" may panic or call Goexit"+why)
}

// arguments checks that no argument is nil that fn needs.
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

// receiverNotNil checks the receiver v of a method, which is found from sel.X.
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

// notNil checks the argument x for the parameter v: it may not be nil.
func (w *walker) notNil(call *ast.CallExpr, x ast.Expr, v *types.Var) {
	if !nilable(v.Type()) || !nilable(w.info.TypeOf(x)) && !w.info.Types[x].IsNil() {
		return // the address of x
	}
	if w.matters(call) && !w.isNotNil(x) {
		w.may(call, types.ExprString(x)+" may be nil")
	}
}

// receiver looks at how the receiver of fn is found: what sel.X goes through may be
// nil.
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

// conversion looks at T(x): of a slice to an array it may panic.
func (w *walker) conversion(x *ast.CallExpr) {
	w.expr(x.Args[0])
	_, toArray := analysis.Under(w.info.TypeOf(x)).(*types.Array)
	_, toPointer := analysis.Under(w.info.TypeOf(x)).(*types.Pointer)
	_, fromSlice := analysis.Under(w.info.TypeOf(x.Args[0])).(*types.Slice)
	if fromSlice && (toArray || toPointer) || analysis.IsTypeParam(w.info.TypeOf(x)) || analysis.IsTypeParam(w.info.TypeOf(x.Args[0])) {
		w.may(x, "the conversion may panic")
	}
}

// callBuiltin looks at a call of the builtin called name.
func (w *walker) callBuiltin(x *ast.CallExpr, name string) {
	if name == "Sizeof" || name == "Alignof" || name == "Offsetof" {
		return // not evaluated, though not constant where the type is a parameter
	}
	if name == "clear" && !clears(w.info.TypeOf(x.Args[0])) {
		w.scoped(func() { w.exprs(x.Args) })
		return
	}
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
		if small(w.info, x) {
			return
		}
	}
	if name == "panic" {
		w.may(x, "panic is called")
		return
	}
	w.may(x, name+" may panic")
}

// clears reports whether clear evaluates an argument of type t for certain: gc leaves it out
// where it is a slice of elements without a size.
func clears(t types.Type) bool {
	switch t := analysis.Under(t).(type) {
	case *types.Map:
		return true
	case *types.Slice:
		return takesMemory(t.Elem())
	}
	return false
}

// literal walks through the body of a literal that is called, once.
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
