package plan

import (
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// method plans x.M of a concrete type. The receiver is saved where x may be another
// value later: &x, *x or x, as M wants it, and x.f where M is promoted from f. Where that
// cannot be written here, the method value x.M is saved.
func (o *operands) method() {
	s := o.site
	c, callee := s.Call, s.Callee
	x := callee.Sel.X
	recv := callee.Func.Signature().Recv().Type()
	_, wantsPointer := types.Unalias(recv).(*types.Pointer)
	xt := o.info.TypeOf(x)
	_, hasPointer := analysis.Under(xt).(*types.Pointer)
	direct := len(callee.Selection.Index()) == 1

	switch {
	case wantsPointer && !hasPointer && o.stableAddress(x) && embeds(o.info, callee):
		return
	case wantsPointer && hasPointer && o.stable(x) && (direct || o.notNil(x, s) && embeds(o.info, callee)):
		return
	case !wantsPointer && !hasPointer && o.stable(x) && embeds(o.info, callee):
		return
	case !wantsPointer && holdsLock(recv): // go vet (copylocks) lets only a call copy it
		c.Fun = &Temp{Hint: methodHint(callee.Sel), Type: callee.Sig, Value: Value{Expr: callee.Sel}}
	case !direct:
		if c.Recv = o.embedded(callee, wantsPointer); c.Recv == nil {
			c.Fun = &Temp{Hint: methodHint(callee.Sel), Type: callee.Sig, Value: Value{Expr: callee.Sel}}
		}
	case wantsPointer && !hasPointer:
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: types.NewPointer(xt), Value: Value{Expr: x, Prefix: token.AND}}
	case !wantsPointer && hasPointer:
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: analysis.Under(xt).(*types.Pointer).Elem(), Value: Value{Expr: x, Prefix: token.MUL}}
	default:
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: xt, Value: Value{Expr: x}}
	}
}

// holdsLock reports whether a value of type t has a lock in it: a type with methods Lock and
// Unlock on a pointer.
func holdsLock(t types.Type) bool {
	if !types.IsInterface(t) {
		set := types.NewMethodSet(types.NewPointer(t))
		if set.Lookup(nil, "Lock") != nil && set.Lookup(nil, "Unlock") != nil {
			return true
		}
	}
	switch t := analysis.Under(t).(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if holdsLock(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return holdsLock(t.Elem())
	}
	return false
}

// embedded returns what is saved as the receiver of a promoted method: the embedded field
// that has it, its address or what it points to; nil where a field on the way or the type cannot be
// named here, or where an interface is embedded.
//
//	defer p.Release()        cache := p.cache
func (o *operands) embedded(callee *analysis.Callee, wantsPointer bool) *Temp {
	v := Value{Expr: callee.Sel.X}
	t, name := callee.Selection.Recv(), ""
	index := callee.Selection.Index()
	for _, i := range index[:len(index)-1] {
		if p, ok := analysis.Under(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := analysis.Under(t).(*types.Struct)
		if !ok || !st.Field(i).Exported() && st.Field(i).Pkg() != o.pkg.Types {
			return nil
		}
		t, name = st.Field(i).Type(), st.Field(i).Name()
		v.Path += "." + name
	}
	p, isPointer := types.Unalias(t).(*types.Pointer)
	switch {
	case types.IsInterface(t):
		return nil
	case wantsPointer && !isPointer:
		t, v.Prefix = types.NewPointer(t), token.AND
	case !wantsPointer && isPointer:
		t, v.Prefix = p.Elem(), token.MUL
	}
	if _, ok := o.spell(t, o.start()); !ok {
		return nil
	}
	return &Temp{Hint: lowerFirst(name), Type: t, Value: v}
}

// embeds reports whether the method's receiver lies in x itself: no pointer and no
// interface, which could change, is on the way.
func embeds(info *types.Info, callee *analysis.Callee) bool {
	t := callee.Selection.Recv()
	if p, ok := analysis.Under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	index := callee.Selection.Index()
	for _, i := range index[:len(index)-1] {
		st, ok := analysis.Under(t).(*types.Struct)
		if !ok {
			return false
		}
		t = st.Field(i).Type()
	}
	_, isStructOrNamed := types.Unalias(t).(*types.Named)
	return isStructOrNamed && !types.IsInterface(t)
}

// ifaceMethod plans x.M of an interface. A nil interface panics at the site, a nil
// pointer in it not before the call. So where x.M is written again, x is checked at
// the site; the method value x.M, where that is saved, checks it itself.
func (o *operands) ifaceMethod() {
	s := o.site
	c, callee := s.Call, s.Callee
	x := callee.Sel.X
	direct := len(callee.Selection.Index()) == 1
	_, isParam := types.Unalias(o.info.TypeOf(x)).(*types.TypeParam)
	checked := o.notNil(x, s) || o.madeBefore(x) || o.failsNext(x)
	switch {
	case direct && !isParam && o.stable(x):
		if !checked {
			c.NilCheck = callee.Sel
		}
	case direct && !isParam && !hasCall(x) && (s.Records != nil && isIdent(x) || o.allNamed(s.Stmt.Call.Args)):
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: o.info.TypeOf(x), Value: Value{Expr: x}}
		if !checked {
			c.NilCheck = callee.Sel
		}
	default:
		c.Fun = &Temp{Hint: methodHint(callee.Sel), Type: callee.Sig, Value: Value{Expr: callee.Sel}}
	}
}
