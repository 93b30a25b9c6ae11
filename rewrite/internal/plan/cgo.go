package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Before a call of a C function, cgo checks that no argument points to memory
// that holds Go pointers. How much of the memory it looks at depends on how the
// argument is written (cmd/cgo/gcc.go: checkIndex, checkAddr, checkSlice):
//
//	C.f(&k.buf)      what k.buf holds
//	C.f(&s[i])       all elements of s
//	C.f(&s[1:][0])   the elements of s[1:]
//	C.f(p)           the whole object that p points into
//
// Conversions around these make no difference. For a deferred call cgo evaluates
// the arguments where the defer statement is, and checks when the call is made. So
// it is not the argument that is saved, but what it is made of, and the call is
// written with an argument of the same form:
//
//	defer C.f(unsafe.Pointer(&k.buf))     k1 := k
//	k = nil                               _ = &k.buf // panics here if k is nil
//	                         becomes      k = nil
//	                                      C.f(unsafe.Pointer(&k1.buf))

// cArguments plans the arguments of a C function. Where one is saved by what calls
// something, all are saved in turn, as cgo does.
func (o *operands) cArguments() {
	s := o.site
	c := s.Call
	params := s.Callee.Sig.Params()
	checked, checks := false, 0
	for i, x := range s.Stmt.Call.Args {
		arg := Arg{Expr: x}
		switch {
		case i < params.Len() && cgoChecks(params.At(i).Type(), x):
			checked = true
			o.cArgument(&arg)
		case !o.stable(x):
			arg.Temp = temp(o.info, x, "arg")
		}
		if arg.Check != nil {
			checks++
		}
		c.Args = append(c.Args, arg)
	}
	if !checked {
		return
	}
	var calling, restless int
	for _, a := range c.Args {
		if calls(o.info, a.Expr) {
			calling++
		}
		if !o.calm(a.Expr) {
			restless++
		}
	}
	c.InTurn = calling > 0 || restless > 1 && checks > 0
	for _, a := range c.Args {
		if a.Check != nil {
			a.Check.ByName = a.Check.ByName || c.InTurn
		}
	}
}

// cArgument plans one argument that cgo checks: what is saved of it, so that cgo
// finds the same form in the call.
func (o *operands) cArgument(arg *Arg) {
	x := arg.Expr
	if o.stable(x) {
		return
	}
	switch core := checkedForm(o.info, x).(type) {
	case *ast.UnaryExpr: // &v
		o.address(arg, core)
	case *ast.SliceExpr:
		arg.Parts = []Part{{core, temp(o.info, core.X, "part"), Whole}}
		arg.Parts[0].Temp.Value.Expr, arg.Parts[0].Temp.Type = core, o.info.TypeOf(core)
	case *ast.CallExpr: // unsafe.StringData(v): cgo trusts it
		if !o.stable(core.Args[0]) {
			arg.Parts = []Part{{core.Args[0], temp(o.info, core.Args[0], "text"), Plain}}
		}
	default:
		arg.Temp = temp(o.info, x, "arg")
		return
	}
	if !o.visibleAround(x, arg.Parts, o.at) {
		o.thunk()
	}
}

// address plans an argument of the form &v: the pointers, slices and indices in v are
// saved, and &v is written again around them.
func (o *operands) address(arg *Arg, addr *ast.UnaryExpr) {
	l := location{later: &o.later}
	index, isIndex := addr.X.(*ast.IndexExpr)
	switch {
	case isIndex && !cgoVariable(index.X):
		// cgo saves what is indexed, an array too, and the pointer is to that.
		l.save(index.X)
		l.parts[0].Temp.Hint = exprHint(index.X, "elems")
		l.index(index)
	case l.of(addr.X):
	default:
		l.parts, l.check = nil, nil
		array, isArray := analysis.Under(o.info.TypeOf(addr.X)).(*types.Array)
		if isIndex {
			array, isArray = analysis.Under(o.info.TypeOf(index.X)).(*types.Array)
		}
		if isIndex && isArray && mayPoint(array.Elem()) {
			// It is the whole array that cgo checks.
			p := temp(o.info, index.X, "array")
			p.Type, p.Value.Prefix = types.NewPointer(p.Type), token.AND
			l.parts = []Part{{index.X, p, Plain}}
			l.index(index)
			break
		}
		p := temp(o.info, addr, "ptr")
		l.parts = []Part{{addr, p, Deref}}
	}
	arg.Parts = l.parts
	arg.Indexed = isIndex
	if arg.Check = l.check; arg.Check != nil {
		arg.Check.Addr = addr
		for _, p := range l.parts {
			arg.Check.ByName = arg.Check.ByName || !o.simple(p.Expr)
		}
	}
}

// A location collects what has to be saved of v so that &v, written again, is the
// same address: of &k.bufs[i], k and i.
type location struct {
	*later
	parts []Part
	check *Check // nil: evaluating &v cannot panic
}

// of reports whether there is such a set for x, and collects it.
func (l *location) of(x ast.Expr) bool {
	if l.stableVariable(x) {
		return true
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return l.of(x.X)
	case *ast.StarExpr:
		l.pointer(x.X)
		return true
	case *ast.SelectorExpr:
		sel := l.info.Selections[x]
		if sel == nil || sel.Kind() != types.FieldVal || !directField(sel) {
			return false
		}
		if _, ok := analysis.Under(l.info.TypeOf(x.X)).(*types.Pointer); ok {
			l.pointer(x.X)
			return true
		}
		return l.of(x.X)
	case *ast.IndexExpr:
		switch analysis.Under(l.info.TypeOf(x.X)).(type) {
		case *types.Array:
			if !l.of(x.X) {
				return false
			}
		case *types.Pointer:
			l.pointer(x.X)
		case *types.Slice:
			l.save(x.X)
		default:
			return false
		}
		l.index(x)
		return true
	}
	return false
}

// save saves x, unless it cannot change.
func (l *location) save(x ast.Expr) {
	if !l.stable(x) {
		l.parts = append(l.parts, Part{x, temp(l.info, x, "ptr"), Plain})
	}
}

// pointer saves x, a pointer that v goes through, and has the site check that it is
// not nil.
func (l *location) pointer(x ast.Expr) {
	l.save(x)
	if !l.notNil(x, l.site) {
		l.check = &Check{What: x}
	}
}

// index saves the index of x, and has the site check that it is in range.
func (l *location) index(x *ast.IndexExpr) {
	if !l.stable(x.Index) {
		l.parts = append(l.parts, Part{x.Index, temp(l.info, x.Index, "index"), Plain})
	}
	_, isArray := analysis.Under(l.info.TypeOf(x.X)).(*types.Array)
	within := isArray && l.info.Types[x.Index].Value != nil
	if !within && isIdent(x.X) && isIdent(x.Index) {
		within = l.within(x.Index, x.X, l.site)
	}
	if !within {
		l.check = &Check{What: x.Index, Index: true}
	}
}

// directField reports whether no pointer in an embedded field stands between x and
// the field of x.f.
func directField(sel *types.Selection) bool {
	t := sel.Recv()
	if p, ok := analysis.Under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	index := sel.Index()
	for _, i := range index[:len(index)-1] {
		st, ok := analysis.Under(t).(*types.Struct)
		if !ok {
			return false
		}
		t = st.Field(i).Type()
	}
	_, ok := analysis.Under(t).(*types.Struct)
	return ok
}
