package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A saver writes what a site evaluates and keeps of its operands: "Operands" in
// ../../doc.go.
type saver struct{ *calls }

// save writes the statements that evaluate what s needs, save it, and panic where the
// defer statement would.
func (sv *saver) save(t *template, s *plan.Site) {
	c := s.Call
	if c.Thunk != nil {
		sv.makeThunk(t, s)
		return
	}
	sv.assignTemps(t, s)
	if c.NilCheck != nil {
		sv.nilCheck(t, s)
	}
	sv.checks(t, s)
}

// checks writes the checks of addresses that are evaluated again later: the site
// panics where &v does. What is saved in turn is checked in turn.
func (sv *saver) checks(t *template, s *plan.Site) {
	if s.Call.InTurn {
		return
	}
	for _, a := range s.Call.Args {
		sv.check(t, a)
	}
}

// check writes the check of one argument: "_ = &k.buf // panics here if k is nil".
func (sv *saver) check(t *template, a plan.Arg) {
	c := a.Check
	if c == nil {
		return
	}
	addr, wrong := clone(sv.expr(c.Addr)), "nil"
	if c.ByName {
		addr = sv.around(c.Addr, a.Parts, byName)
	}
	if c.Index {
		wrong = "out of range"
	}
	t.add("_ = %s // panics here if %s is %s", t.expr(addr), exprText(c.What), wrong)
}

// nilCheck writes the check of an interface whose method is called later: the site
// panics where the interface is nil. The method value is enough for that, but some
// compilers (gccgo) make a closure on the heap for it, so for -unwind=none the call
// stands there.
func (sv *saver) nilCheck(t *template, s *plan.Site) {
	sel := s.Call.NilCheck.(*ast.SelectorExpr)
	if s.Call.CallNil {
		call := dst.Clone(sv.nodes[s.Stmt.Call]).(*dst.CallExpr)
		recv := clone(sv.expr(sel.X))
		if c := s.Call; c.Recv != nil && s.Records == nil {
			recv = dst.NewIdent(c.Recv.Name)
			call.Fun = &dst.SelectorExpr{X: dst.NewIdent(c.Recv.Name), Sel: dst.NewIdent(sel.Sel.Name)}
		}
		t.add("if %s == nil {\n%s // panics\n}", t.expr(recv), used(s.Callee.Func, t.call(call)))
		return
	}
	t.add("_ = %s // panics here if %s is nil", t.expr(clone(sv.expr(sel))), exprText(sel.X))
}

// assignTemps saves all operands by one statement, since gc makes all calls among the
// operands of a statement before it reads variables. g(f()) takes two, and so does a
// call whose function gc evaluates before the arguments.
func (sv *saver) assignTemps(t *template, s *plan.Site) {
	c := s.Call
	if c.InTurn {
		for _, a := range c.Args {
			sv.saveInTurn(t, a)
		}
		return
	}
	if c.FunFirst && !c.Spread && c.Fun != nil {
		sv.assignTo(t, []*plan.Temp{c.Fun})
		sv.assignTo(t, slices.DeleteFunc(slices.Clone(c.Temps), func(tmp *plan.Temp) bool { return tmp == c.Fun }))
		return
	}
	var fun, args []*plan.Temp
	for _, tmp := range c.Temps {
		if tmp.Value.Expr == nil {
			args = append(args, tmp)
		} else {
			fun = append(fun, tmp)
		}
	}
	spread := func() {
		if len(args) > 0 {
			names, op := assignment(args)
			t.add("%s %s %s", names, op, t.expr(sv.expr(s.Stmt.Call.Args[0])))
		}
	}
	if !c.FunFirst {
		spread()
	}
	sv.assignTo(t, fun)
	if c.FunFirst {
		spread()
	}
}

// saveInTurn saves an argument of a C function as cgo does: one after the other, and
// of &v[i] first v.
func (sv *saver) saveInTurn(t *template, a plan.Arg) {
	temps := a.Temps()
	if last := len(temps) - 1; a.Indexed && last > 0 {
		sv.assignTo(t, temps[:last])
		temps = temps[last:]
	}
	sv.assignTo(t, temps)
	sv.check(t, a)
}

// assignTo saves operands by one statement: "f1, n1 := f, n". A literal, which does
// nothing when it is evaluated, has one of its own, before that.
func (sv *saver) assignTo(t *template, temps []*plan.Temp) {
	if i := slices.IndexFunc(temps, isLiteral); i >= 0 && len(temps) > 1 {
		sv.assignTo(t, temps[i:i+1])
		temps = slices.Delete(slices.Clone(temps), i, i+1)
	}
	if len(temps) == 0 {
		return
	}
	names, op := assignment(temps)
	var values []string
	for _, tmp := range temps {
		values = append(values, sv.value(t, tmp))
	}
	t.add("%s %s %s", names, op, strings.Join(values, ", "))
}

func isLiteral(t *plan.Temp) bool {
	_, ok := t.Value.Expr.(*ast.FuncLit)
	return ok && t.Value.Box == "" && t.Value.Prefix == token.ILLEGAL
}

func assignment(temps []*plan.Temp) (names, op string) {
	var list []string
	op = "="
	for _, t := range temps {
		list = append(list, t.Name)
		if t.AtSite {
			op = ":="
		}
	}
	return strings.Join(list, ", "), op
}

// value returns the expression that is saved, with its prefix, path or conversion.
func (sv *saver) value(t *template, tmp *plan.Temp) string {
	if tmp.Value.Captured {
		return sv.expr(tmp.Value.Expr).(*dst.Ident).Name
	}
	x := t.expr(sv.expr(tmp.Value.Expr)) + tmp.Value.Path
	if tmp.Value.Box != "" {
		return tmp.Value.Box + "(" + x + ")"
	}
	switch tmp.Value.Prefix {
	case token.AND:
		return "&" + x
	case token.MUL:
		return "*" + x
	}
	return x
}

// makeThunk wraps the call in a literal, which captures what is saved:
//
//	{
//		f1 := f
//		deferred = func() {
//			f1.Close()
//		}
//	}
func (sv *saver) makeThunk(t *template, s *plan.Site) {
	c := s.Call
	op := "="
	block := !c.Thunk.AtSite && len(c.Temps) > 0
	if c.Thunk.AtSite {
		op = ":="
	}
	if block {
		t.add("{")
	}
	sv.assignTemps(t, s)
	sv.checks(t, s)
	t.add("%s %s %s", c.Thunk.Name, op, sv.thunkLit(t, s))
	if s.Own {
		// What a panic calls is the literal itself, not the thunk.
		thunk := t.as(Origin{Site: s, Own: true})
		t.add("%s\ndefer %s", analysis.GuardMark, t.call(sv.inner(s, byName)))
		t.as(thunk)
	}
	if block {
		t.add("}")
	}
}

// thunkLit returns that literal.
func (sv *saver) thunkLit(t *template, s *plan.Site) string {
	return fmt.Sprintf("func() {\n%s\n}", used(s.Callee.Func, t.call(sv.inner(s, byName))))
}

// fields returns the elements of a record for an entry of s. apart says that the
// operands are in variables already.
func (sv *saver) fields(t *template, s *plan.Site, apart bool) (values []string) {
	c, r := s.Call, s.Place()
	field := func(tmp *plan.Temp, value string) {
		if !r.Scalar {
			value = tmp.Field + ": " + value
		}
		values = append(values, value)
	}
	if c.Thunk != nil {
		field(c.Thunk, sv.thunkLit(t, s))
		return values
	}
	for _, tmp := range c.Temps {
		if apart {
			field(tmp, tmp.Name)
		} else {
			field(tmp, sv.value(t, tmp))
		}
	}
	return values
}
