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

// A Part is a piece of an argument that is saved; the argument is written again
// around it.
type Part struct {
	Expr ast.Expr
	Temp *Temp
	As   Form
}

// A Form is how a saved part is written.
type Form int

const (
	Plain Form = iota // t
	Deref             // &*t, where t is an address: so cgo sees that it is one
	Whole             // t[:], where t is a slice
)

// A Check evaluates an address at the site, which panics there if a pointer is
// nil or an index out of range:
//
//	_ = &k.buf // panics here if k is nil
type Check struct {
	Addr   ast.Expr // in the argument
	What   ast.Expr // the pointer that may be nil, or the index
	Index  bool
	ByName bool // with the saved parts; otherwise as it was written
}

// cArguments plans the arguments of a C function.
func (f *Func) cArguments(s *Site, places []place) {
	c := s.Call
	params := s.Callee.Sig.Params()
	checked, checks := false, 0
	for i, x := range s.Stmt.Call.Args {
		arg := Arg{Expr: x}
		switch {
		case i < params.Len() && cgoChecks(params.At(i).Type(), x):
			checked = true
			f.cArgument(s, &arg, places)
		case !f.stable(x, places):
			arg.Temp = f.temp(x, "arg")
		}
		if arg.Check != nil {
			checks++
		}
		c.Args = append(c.Args, arg)
	}
	if !checked {
		return
	}
	var calls, restless int
	for _, a := range c.Args {
		if f.calls(a.Expr) {
			calls++
		}
		if !f.calm(a.Expr) {
			restless++
		}
	}
	c.InTurn = calls > 0 || restless > 1 && checks > 0
	for _, a := range c.Args {
		if a.Check != nil {
			a.Check.ByName = a.Check.ByName || c.InTurn
		}
	}
}

// cArgument plans an argument that cgo checks.
func (f *Func) cArgument(s *Site, arg *Arg, places []place) {
	x := arg.Expr
	if f.stable(x, places) {
		return
	}
	switch core := f.checkedForm(x).(type) {
	case *ast.UnaryExpr: // &v
		f.address(s, arg, core, places)
	case *ast.SliceExpr:
		arg.Parts = []Part{{core, f.temp(core.X, "part"), Whole}}
		arg.Parts[0].Temp.Value.Expr, arg.Parts[0].Temp.Type = core, f.info.TypeOf(core)
	case *ast.CallExpr: // unsafe.StringData(v): cgo trusts it
		if !f.stable(core.Args[0], places) {
			arg.Parts = []Part{{core.Args[0], f.temp(core.Args[0], "text"), Plain}}
		}
	default:
		arg.Temp = f.temp(x, "arg")
		return
	}
	if !f.visibleAround(x, arg.Parts, places) {
		f.thunk(s)
	}
}

func (f *Func) temp(x ast.Expr, otherwise string) *Temp {
	return &Temp{Hint: exprHint(x, otherwise), Type: f.info.TypeOf(x), Value: Value{Expr: x}}
}

// visibleAround reports whether what x mentions outside of parts means the same
// at all places.
func (f *Func) visibleAround(x ast.Expr, parts []Part, places []place) bool {
	saved := map[ast.Expr]bool{}
	for _, p := range parts {
		saved[p.Expr] = true
	}
	ok := true
	ast.Inspect(x, func(n ast.Node) bool {
		e, isExpr := n.(ast.Expr)
		if !ok || !isExpr || saved[e] {
			return false
		}
		switch e := e.(type) {
		case *ast.SelectorExpr:
			ok = ok && f.visibleAround(e.X, parts, places)
			return false
		case *ast.Ident:
			ok = ok && f.namesVisible(e, places)
		}
		return ok
	})
	return ok
}

// address plans &v.
func (f *Func) address(s *Site, arg *Arg, addr *ast.UnaryExpr, places []place) {
	l := location{f: f, site: s, places: places}
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
		array, isArray := analysis.Under(f.info.TypeOf(addr.X)).(*types.Array)
		if isIndex {
			array, isArray = analysis.Under(f.info.TypeOf(index.X)).(*types.Array)
		}
		if isIndex && isArray && mayPoint(array.Elem()) {
			// It is the whole array that cgo checks.
			p := f.temp(index.X, "array")
			p.Type, p.Value.Prefix = types.NewPointer(p.Type), token.AND
			l.parts = []Part{{index.X, p, Plain}}
			l.index(index)
			break
		}
		p := f.temp(addr, "ptr")
		l.parts = []Part{{addr, p, Deref}}
	}
	arg.Parts = l.parts
	arg.Indexed = isIndex
	if arg.Check = l.check; arg.Check != nil {
		arg.Check.Addr = addr
		for _, p := range l.parts {
			arg.Check.ByName = arg.Check.ByName || !f.simple(p.Expr)
		}
	}
}

// A location finds out what has to be saved of v so that &v, written again, is
// the same address.
type location struct {
	f      *Func
	site   *Site
	places []place
	parts  []Part
	check  *Check // nil: evaluating &v cannot panic
}

// of reports whether that is possible for x.
func (l *location) of(x ast.Expr) bool {
	f := l.f
	if f.stableVariable(x, l.places) {
		return true
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return l.of(x.X)
	case *ast.StarExpr:
		l.pointer(x.X)
		return true
	case *ast.SelectorExpr:
		sel := f.info.Selections[x]
		if sel == nil || sel.Kind() != types.FieldVal || !directField(sel) {
			return false
		}
		if _, ok := analysis.Under(f.info.TypeOf(x.X)).(*types.Pointer); ok {
			l.pointer(x.X)
			return true
		}
		return l.of(x.X)
	case *ast.IndexExpr:
		switch analysis.Under(f.info.TypeOf(x.X)).(type) {
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

func (l *location) save(x ast.Expr) {
	if !l.f.stable(x, l.places) {
		l.parts = append(l.parts, Part{x, l.f.temp(x, "ptr"), Plain})
	}
}

func (l *location) pointer(x ast.Expr) {
	l.save(x)
	if !l.f.notNil(x, l.site) {
		l.check = &Check{What: x}
	}
}

func (l *location) index(x *ast.IndexExpr) {
	f := l.f
	if !f.stable(x.Index, l.places) {
		l.parts = append(l.parts, Part{x.Index, f.temp(x.Index, "index"), Plain})
	}
	_, isArray := analysis.Under(f.info.TypeOf(x.X)).(*types.Array)
	within := isArray && f.info.Types[x.Index].Value != nil
	if !within && isIdent(x.X) && isIdent(x.Index) {
		within = f.frame.Within(x.Index, x.X, l.site.Stmt)
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

// calls reports whether evaluating x calls something or receives from a channel.
func (f *Func) calls(x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !f.info.Types[n.Fun].IsType()
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// calm reports whether evaluating x does nothing and cannot panic.
func (f *Func) calm(x ast.Expr) bool {
	x = ast.Unparen(x)
	if call, ok := x.(*ast.CallExpr); ok && len(call.Args) == 1 && f.info.Types[call.Fun].IsType() {
		return f.calm(call.Args[0])
	}
	return isIdent(x) || f.simple(x)
}

// rereads says why only a defer statement is checked as that of s is now. Of &v[i],
// cgo saves the address, but when the call is made it looks at the elements of v,
// which may be another slice by then. An argument written at the exit has one v for
// both.
func (f *Func) rereads(s *Site) Reasons {
	if s.Dead || s.Callee.Kind != analysis.CFunction {
		return nil
	}
	params := s.Callee.Sig.Params()
	for i, x := range s.Stmt.Call.Args {
		if i >= params.Len() || !cgoChecks(params.At(i).Type(), x) {
			continue
		}
		addr, _ := f.checkedForm(x).(*ast.UnaryExpr)
		if addr == nil {
			continue
		}
		index, ok := addr.X.(*ast.IndexExpr)
		if ok && cgoVariable(index.X) && f.elementsPoint(index.X) && !f.neverChanges(index.X) {
			return f.becauseAt(s.Stmt.Pos(), CgoRereads, types.ExprString(index.X))
		}
	}
	return nil
}

// elementsPoint reports whether x, a slice or a pointer to an array, has elements
// that may hold pointers.
func (f *Func) elementsPoint(x ast.Expr) bool {
	switch t := analysis.Under(f.info.TypeOf(x)).(type) {
	case *types.Slice:
		return mayPoint(t.Elem())
	case *types.Pointer:
		array, ok := analysis.Under(t.Elem()).(*types.Array)
		return ok && mayPoint(array.Elem())
	}
	return false
}

func (f *Func) neverChanges(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := f.info.Uses[id].(*types.Var)
	return ok && f.Unit.Vars.Fixed(v)
}

// checkedForm returns what is left of x behind the conversions that cgo looks
// through, if cgo then knows how much memory to check: &v, s[i:j], or a call of
// unsafe.StringData. Otherwise it returns nil.
func (f *Func) checkedForm(x ast.Expr) ast.Expr {
	for {
		call, ok := x.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			break
		}
		name := unsafeName(call.Fun)
		if name == "StringData" {
			return call
		}
		if name != "SliceData" && !f.cgoType(call.Fun) {
			return nil
		}
		x = call.Args[0]
	}
	switch x := x.(type) {
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return x
		}
	case *ast.SliceExpr:
		return x
	}
	return nil
}

// unsafeName returns name for unsafe.name.
func unsafeName(x ast.Expr) string {
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if id, ok := sel.X.(*ast.Ident); !ok || id.Name != "unsafe" {
		return ""
	}
	return sel.Sel.Name
}

// cgoType reports whether cgo takes x for a type (cmd/cgo/gcc.go: isType). It knows
// nothing of the types of the package.
func (f *Func) cgoType(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && (unsafeName(x) == "Pointer" || id.Name == "C" && f.info.Types[x].IsType())
	case *ast.Ident:
		t, ok := types.Universe.Lookup(x.Name).(*types.TypeName)
		return ok && t.Name() != "any" && t.Name() != "comparable"
	case *ast.ParenExpr:
		return f.cgoType(x.X)
	case *ast.StarExpr:
		return f.cgoType(x.X)
	case *ast.ArrayType, *ast.StructType, *ast.FuncType, *ast.InterfaceType, *ast.MapType, *ast.ChanType:
		return true
	}
	return false
}

// cgoVariable reports whether cgo takes x for a variable, whose address it can
// take (cmd/cgo/gcc.go: isVariable).
func cgoVariable(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident, *ast.IndexExpr:
		return true
	case *ast.SelectorExpr:
		return cgoVariable(x.X)
	}
	return false
}

// cgoChecks reports whether cgo checks the argument x of a parameter of type t: one
// that points to something with pointers (cmd/cgo/gcc.go: needsPointerCheck).
// Where that is not known for sure, it reports true.
func cgoChecks(t types.Type, x ast.Expr) bool {
	if id, ok := x.(*ast.Ident); ok && id.Name == "nil" {
		return false
	}
	switch t := analysis.Under(t).(type) {
	case *types.Pointer:
		return mayPoint(t.Elem())
	case *types.Basic:
		return t.Kind() == types.UnsafePointer
	}
	return mayPoint(t)
}

// mayPoint reports whether a t may hold pointers. A union is an array of bytes.
func mayPoint(t types.Type) bool {
	switch u := analysis.Under(t).(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer || u.Kind() == types.String || u.Kind() == types.Uintptr
	case *types.Array:
		b, ok := u.Elem().(*types.Basic)
		return ok && b.Kind() == types.Byte || mayPoint(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if mayPoint(u.Field(i).Type()) {
				return true
			}
		}
		return false
	}
	return true
}
