package nopanic

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A fact is something about a variable with one value, which holds from a point of
// the walk on, in the statements that follow in the same list and inside of them.
// Facts form a list: to forget what a branch has taught, the walker goes back to the
// list that it had before.
type fact struct {
	v         *types.Var
	in        *types.Var // nil: v is not nil; else v is an index of in
	iteration bool       // it holds in one iteration of a loop: the next one changes v
	next      *fact
}

// lasting returns the facts that hold in other iterations of a loop as well.
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

// A literal is a function literal, and what was known where it stands. It may
// run later, but what is known of variables that never change still holds.
type literal struct {
	lit   *ast.FuncLit
	facts *fact
}

// known is what a walk knows at a point: facts, and what variables hold.
type known struct {
	info     *types.Info
	vars     *analysis.Vars
	global   func(*types.Var) bool // reports whether a variable of the package is never nil
	facts    *fact
	literals map[*types.Var]*literal // variables that hold a literal
	perLoop  map[*types.Var]bool     // variables that all iterations of a loop share
	timers   map[*types.Var]bool     // variables that hold a timer which package time has made
	params   map[*types.Var]int      // of a function that is called
	needs    map[int]bool            // those of params that must not be nil
	unsafe   bool                    // the package imports unsafe
	frames   []frame                 // the lists of statements that the walk is in, outer ones first
}

// learn notes that v, which holds one value only, is not nil.
func (k *known) learn(v *types.Var) {
	if k.vars.Fixed(v) && !k.knows(v) {
		k.facts = &fact{v: v, iteration: k.perLoop[v], next: k.facts}
	}
}

// knows reports whether v is known not to be nil.
func (k *known) knows(v *types.Var) bool {
	for f := k.facts; f != nil; f = f.next {
		if f.v == v && f.in == nil {
			return true
		}
	}
	return false
}

// within reports whether the variable index is known to be in range for the variable
// x.
func (k *known) within(index, x ast.Expr) bool {
	i, s := k.variable(index), k.variable(x)
	if i == nil || s == nil {
		return false
	}
	for f := k.facts; f != nil; f = f.next {
		if f.v == i && f.in == s {
			return true
		}
	}
	return false
}

// variable returns the local variable or parameter that x names, or nil.
func (k *known) variable(x ast.Expr) *types.Var {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		if v, ok := k.info.ObjectOf(id).(*types.Var); ok {
			return v
		}
	}
	return nil
}

// isNotNil reports whether x is not nil. A parameter of a function that others call
// counts as not nil, and becomes one of those that the function needs so.
func (k *known) isNotNil(x ast.Expr) bool {
	if analysis.Makes(k.info, x) {
		return true
	}
	v := k.variable(x)
	switch {
	case v == nil:
		return k.holds(x)
	case v.Kind() == types.PackageVar:
		return k.global(v) || k.holds(x)
	case !k.vars.Fixed(v):
		return false
	case k.knows(v):
		return true
	}
	i, isParam := k.params[v]
	if isParam {
		k.needs[i] = true
	}
	return isParam
}

// defined learns from "v := x", where id is v.
func (k *known) defined(id *ast.Ident, x ast.Expr) {
	v, ok := k.info.Defs[id].(*types.Var)
	if !ok || !k.vars.Fixed(v) {
		return
	}
	if lit, ok := ast.Unparen(x).(*ast.FuncLit); ok {
		k.literals[v] = &literal{lit, k.facts}
	}
	if nilable(v.Type()) && k.isMade(x) {
		k.learn(v)
	}
	if k.makesTimer(x) {
		k.learn(v)
		k.timers[v] = true
	}
}

// isMade reports whether x is not nil, without asking anything of the callers.
func (k *known) isMade(x ast.Expr) bool {
	if v := k.variable(x); v != nil {
		return k.knows(v)
	}
	return k.isNotNil(x)
}

// nilable reports whether a variable of type t may be nil.
func nilable(t types.Type) bool {
	switch analysis.Under(t).(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Slice, *types.Signature, *types.Interface:
		return true
	}
	return false
}

// assume learns from a condition that was true, or false.
func (k *known) assume(cond ast.Expr, value bool) {
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if c.Op == token.NOT {
			k.assume(c.X, !value)
		}
	case *ast.BinaryExpr:
		switch {
		case c.Op == token.LAND && value, c.Op == token.LOR && !value:
			k.assume(c.X, value)
			k.assume(c.Y, value)
		case c.Op == token.NEQ && value, c.Op == token.EQL && !value:
			k.differ(c.X, c.Y)
			k.differ(c.Y, c.X)
		}
	}
}

// differ learns from x != y, which holds.
func (k *known) differ(x, y ast.Expr) {
	if v := k.variable(x); v != nil && k.info.Types[y].IsNil() {
		k.learn(v)
	}
}

// rangeIndex learns from "for i := range x" that i is in range for x.
func (k *known) rangeIndex(s *ast.RangeStmt) {
	if s.Tok != token.DEFINE || s.Key == nil {
		return
	}
	i, x := k.variable(s.Key), k.variable(s.X)
	if i != nil && x != nil && k.vars.Fixed(i) && k.indexed(x) {
		k.facts = &fact{v: i, in: x, iteration: k.perLoop[x], next: k.facts}
	}
}

// indexed reports whether the length of x never changes.
func (k *known) indexed(x *types.Var) bool {
	switch analysis.Under(x.Type()).(type) {
	case *types.Array:
		return true
	case *types.Slice, *types.Basic: // a string; an integer is never indexed
		return k.vars.Fixed(x)
	}
	return false
}

// counterIndex learns from "for i := 0; i < len(x); i++" that i is in range for x in
// the body.
func (k *known) counterIndex(s *ast.ForStmt) {
	c, ok := analysis.CounterOf(k.info, s)
	if !ok || c.Len == nil || c.Op != token.LSS || c.Step != 1 || c.First == nil || constant.Sign(c.First) < 0 {
		return
	}
	if x := k.variable(c.Len); x != nil && k.indexed(x) {
		k.facts = &fact{v: c.Var, in: x, iteration: true, next: k.facts}
	}
}

// scoped walks, and forgets what that has taught.
func (k *known) scoped(walk func()) {
	before := k.facts
	walk()
	k.facts = before
}

// given walks through what runs if cond is value.
func (k *known) given(cond ast.Expr, value bool, walk func()) {
	k.scoped(func() {
		if cond != nil {
			k.assume(cond, value)
		}
		walk()
	})
}
