package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// site lowers a defer statement: it saves the operands and notes that an
// entry is pending.
func (f *function) site(d *dst.DeferStmt, s *plan.Site) []dst.Stmt {
	var t template
	switch {
	case s.Stays != nil:
		f.decl.from[d] = Origin{Func: f.Func, Site: s}
		return []dst.Stmt{d}
	case s.Strategy == "unused", s.Strategy == "unreachable" && s.Callee.Builtin == "panic": // vet would miss what follows
		f.discard(&t, s)
	case s.Strategy == "unreachable":
		t.add("%s", f.callStmt(&t, s, nil, d.Call))
	case s.Records != nil:
		f.push(&t, s)
	default:
		f.save(&t, s)
		f.setBit(&t, s)
		f.guards(&t, s)
	}
	return f.finishSite(d, s, f.parse(&t, Origin{Site: s}))
}

// finishSite puts list in the place of a defer statement.
func (f *function) finishSite(d *dst.DeferStmt, s *plan.Site, list []dst.Stmt) []dst.Stmt {
	if s.Callee.Lit == nil && !s.Dead {
		about := takeDirectives(d) // each call has them
		if len(list) > 0 && slices.ContainsFunc(s.Call.Temps, func(t *plan.Temp) bool { return t.Value.Expr == nil || analysis.Has[*ast.CallExpr](t.Value.Expr) }) {
			about.give(list[0]) // it makes calls as well
		}
	}
	if len(list) == 0 && !s.Dead {
		f.moved[s] = takeComments(d, f.copies(s) == 1)
	}
	kept := map[dst.Node]bool{}
	if s.Call.Lift != nil {
		kept[f.expr(s.Callee.Lit)] = true // see declarations
	}
	if s.Call.Inline && len(s.Callee.Lit.Body.List) > 0 {
		kept[f.nodes[s.Callee.Lit.Body]] = true // see inlined
	}
	return f.finish(d, list, s.Stmt.Pos(), kept)
}

// guards writes the guards that stand at s, unless they stand with the
// variables.
func (f *function) guards(t *template, s *plan.Site) {
	if s.Own {
		if s.Call.Thunk == nil { // else see makeThunk
			f.ownGuard(t, s)
		}
		f.ask(s)
	}
	if ast.Stmt(s.Stmt) == f.Body.List[f.At] {
		return
	}
	for _, g := range f.guardsAt(s.Stmt) {
		f.guard(t, g)
	}
}

// firstSite lowers a first site that the variables stand at.
func (f *function) firstSite(d *dst.DeferStmt) []dst.Stmt {
	s := f.FirstSite()
	together := s.Records == nil && s.Strategy != "unused" && s.Call.Thunk == nil
	for _, tmp := range s.Call.Temps {
		together = together && tmp.AtSite
	}
	if !together {
		list := f.prologue()
		if len(list) == 0 {
			return f.site(d, s)
		}
		return append(list, f.site(d, s)...)
	}
	var t template
	var list []dst.Stmt
	if s.Own { // the literal asks for its bit
		list = f.declarations(s)
		f.save(&t, s)
		f.guards(&t, s)
		list = append(list, f.parse(&t, Origin{Site: s})...)
	} else {
		f.save(&t, s)
		list = append(f.parse(&t, Origin{Site: s}), f.declarations(s)...)
	}
	return f.finishSite(d, s, list)
}

// prologue is what goes before the first statement that holds a site.
func (f *function) prologue() []dst.Stmt {
	list := f.created(f.declarations(nil), f.First().Stmt.Pos())
	if len(list) > 0 {
		moveSpace(list[0], f.start())
	}
	return list
}

func (f *function) start() dst.Stmt { return f.nodes[f.Body.List[f.At]].(dst.Stmt) }

// declarations declares the types and variables of f, and the guards that stand
// there. first is a site whose entry is pending from there on.
func (f *function) declarations(first *plan.Site) []dst.Stmt {
	var t template
	var vars, views []string
	for _, l := range f.Chain {
		if l.Records == nil {
			continue
		}
		for _, r := range l.Records.Stores() {
			if r.Local != "" {
				t.add("%s", r.Local)
			}
		}
	}
	inits := f.declareMask(first, &vars)
	for _, s := range f.Sites {
		vars = append(vars, f.declareTemps(s)...)
	}
	for _, l := range f.Chain {
		if l.Records == nil {
			continue
		}
		if n := l.Records.Number; n != "" {
			inits = append(inits, n+" := 0")
		}
		for _, r := range l.Records.Stores() {
			v, w := f.store(r).declare()
			vars, views = append(vars, v...), append(views, w...)
		}
	}
	for _, init := range inits {
		t.add("%s", init)
	}
	switch len(vars) {
	case 0:
	case 1:
		t.add("var %s", vars[0])
	default:
		t.add("var (\n%s\n)", strings.Join(vars, "\n"))
	}
	for _, v := range views {
		t.add("%s", v)
	}
	for _, s := range f.Sites {
		if l := s.Call.Lift; l != nil && !s.Dead {
			before := t.as(Origin{Site: s})
			t.add("%s := %s", l.Name, t.expr(f.expr(s.Callee.Lit)))
			t.as(before)
		}
	}
	for _, g := range f.guardsAt(f.Body.List[f.At]) {
		f.guard(&t, g)
	}
	return f.parse(&t, Origin{})
}

// declareMask declares the mask: as statements where it has a first value,
// else among vars.
func (f *function) declareMask(first *plan.Site, vars *[]string) (inits []string) {
	m := f.Mask
	if m == nil {
		return nil
	}
	for i, name := range m.Names {
		initial := first != nil && first.Bit >= 0 && first.Bit/m.Word == i
		comment := ""
		if text := f.maskComment(); text != "" && i == 0 {
			comment = " // " + text
		}
		switch {
		case m.Bool && initial:
			inits = append(inits, name+" := true")
		case m.Bool:
			*vars = append(*vars, name+" bool")
		case !m.Typed:
			init := "0"
			if initial {
				init = f.bit(first)
			}
			inits = append(inits, name+" := "+init)
		case initial:
			inits = append(inits, fmt.Sprintf("%s := %s(%s)%s", name, m.Type(i), f.bit(first), comment))
		default:
			*vars = append(*vars, name+" "+m.Type(i)+comment)
		}
	}
	return inits
}

// maskComment says which bit stands for which call.
func (f *function) maskComment() string {
	if f.Mask.Bool || f.Mask.Bits > 8 {
		return ""
	}
	var parts []string
	for _, s := range f.Sites {
		if s.Bit >= 0 {
			parts = append(parts, f.bit(s)+": "+f.describe(s))
		}
	}
	return strings.Join(parts, ", ")
}

// describe names a call in a few characters.
func (f *function) describe(s *plan.Site) string {
	c := s.Call
	switch {
	case c.Thunk != nil:
		return c.Thunk.Name + "()"
	case c.Fun != nil:
		return c.Fun.Name + "()"
	case c.Recv != nil:
		return c.Recv.Name + "." + s.Callee.Sel.Sel.Name + "()"
	}
	if text := exprText(s.Stmt.Call); len(text) <= 24 {
		return text
	}
	return exprText(s.Callee.Fun) + "(...)"
}

// exprText writes x for a comment: on one line.
func exprText(x ast.Expr) string {
	return strings.Join(strings.Fields(types.ExprString(x)), " ")
}

func (f *function) declareTemps(s *plan.Site) (vars []string) {
	if s.Records != nil {
		return nil
	}
	if t := s.Call.Thunk; t != nil {
		if !t.AtSite {
			vars = append(vars, t.Name+" "+t.TypeText)
		}
		return vars
	}
	for _, t := range s.Call.Temps {
		if !t.AtSite {
			vars = append(vars, t.Name+" "+t.TypeText)
		}
	}
	return vars
}

// bit writes the bit of s in its variable of the mask.
func (f *function) bit(s *plan.Site) string {
	n := s.Bit % f.Mask.Word
	if n < 8 && f.Mask.Bits <= 8 {
		return fmt.Sprint(1 << n)
	}
	return fmt.Sprintf("1<<%d", n)
}

func (f *function) maskName(s *plan.Site) string { return f.Mask.Names[s.Bit/f.Mask.Word] }

// setBit notes that the entry of s is pending.
func (f *function) setBit(t *template, s *plan.Site) {
	switch {
	case s.Bit < 0:
	case f.Mask.Bool:
		t.add("%s = %s", f.maskName(s), f.Words.True)
	default:
		after := analysis.Active{May: s.Before.May.Clone(), Must: s.Before.Must.Clone()}
		after.May.Set(s.Index)
		after.Must.Set(s.Index)
		if value, known := f.known(s, after); known {
			t.add("%s = %s", f.maskName(s), value)
			return
		}
		t.add("%s |= %s", f.maskName(s), f.bit(s))
	}
}

// known writes the value of the variable that holds s's bit, where the active
// set leaves no doubt about it.
func (f *function) known(s *plan.Site, a analysis.Active) (string, bool) {
	var value uint64
	for _, other := range f.Sites {
		if other.Bit < 0 || other.Bit/f.Mask.Word != s.Bit/f.Mask.Word {
			continue
		}
		may, must := a.May.Has(other.Index), a.Must.Has(other.Index)
		if may != must {
			return "", false
		}
		if must {
			value |= 1 << (other.Bit % f.Mask.Word)
		}
	}
	if f.Mask.Bits > 8 && value != 0 {
		return "", false
	}
	return fmt.Sprint(value), true
}

// save writes the statements that evaluate and keep what s needs.
func (f *function) save(t *template, s *plan.Site) {
	c := s.Call
	if c.Thunk != nil {
		f.makeThunk(t, s)
		return
	}
	f.assignTemps(t, s)
	if c.NilCheck != nil {
		f.nilCheck(t, s)
	}
	f.checks(t, s)
}

// checks panics, as the site did, where an address is evaluated again later. What
// is saved in turn is checked in turn.
func (f *function) checks(t *template, s *plan.Site) {
	if s.Call.InTurn {
		return
	}
	for _, a := range s.Call.Args {
		f.check(t, a)
	}
}

func (f *function) check(t *template, a plan.Arg) {
	c := a.Check
	if c == nil {
		return
	}
	addr, wrong := clone(f.expr(c.Addr)), "nil"
	if c.ByName {
		addr = f.around(c.Addr, a.Parts, byName)
	}
	if c.Index {
		wrong = "out of range"
	}
	t.add("_ = %s // panics here if %s is %s", t.expr(addr), exprText(c.What), wrong)
}

// nilCheck panics, as the site did, if an interface is nil whose method is
// called later. To evaluate the method value is enough, but some compilers
// (gccgo) make a closure on the heap for it.
func (f *function) nilCheck(t *template, s *plan.Site) {
	sel := s.Call.NilCheck.(*ast.SelectorExpr)
	if s.Call.CallNil {
		call := dst.Clone(f.nodes[s.Stmt.Call]).(*dst.CallExpr)
		recv := clone(f.expr(sel.X))
		if c := s.Call; c.Recv != nil && s.Records == nil {
			recv = dst.NewIdent(c.Recv.Name)
			call.Fun = &dst.SelectorExpr{X: dst.NewIdent(c.Recv.Name), Sel: dst.NewIdent(sel.Sel.Name)}
		}
		t.add("if %s == nil {\n%s // panics\n}", t.expr(recv), t.call(call))
		return
	}
	t.add("_ = %s // panics here if %s is nil", t.expr(clone(f.expr(sel))), exprText(sel.X))
}

// assignTemps saves all operands by one statement, as gc makes all calls among
// the operands of a statement before it reads variables. Two are needed for
// g(f()), and where gc evaluates what is called before the arguments.
func (f *function) assignTemps(t *template, s *plan.Site) {
	c := s.Call
	if c.InTurn {
		for _, a := range c.Args {
			f.saveInTurn(t, a)
		}
		return
	}
	if c.FunFirst && !c.Spread && c.Fun != nil {
		f.assignTo(t, []*plan.Temp{c.Fun})
		f.assignTo(t, slices.DeleteFunc(slices.Clone(c.Temps), func(tmp *plan.Temp) bool { return tmp == c.Fun }))
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
			t.add("%s %s %s", names, op, t.expr(f.expr(s.Stmt.Call.Args[0])))
		}
	}
	if !c.FunFirst {
		spread()
	}
	f.assignTo(t, fun)
	if c.FunFirst {
		spread()
	}
}

// saveInTurn saves what a C function gets as cgo does, which evaluates arguments one
// after the other, and of &v[i] first v.
func (f *function) saveInTurn(t *template, a plan.Arg) {
	temps := a.Temps()
	if last := len(temps) - 1; a.Indexed && last > 0 {
		f.assignTo(t, temps[:last])
		temps = temps[last:]
	}
	f.assignTo(t, temps)
	f.check(t, a)
}

// assignTo saves operands by one statement.
func (f *function) assignTo(t *template, temps []*plan.Temp) {
	if len(temps) == 0 {
		return
	}
	names, op := assignment(temps)
	var values []string
	for _, tmp := range temps {
		values = append(values, f.value(t, tmp))
	}
	t.add("%s %s %s", names, op, strings.Join(values, ", "))
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

// value moves the saved expression into the template.
func (f *function) value(t *template, tmp *plan.Temp) string {
	if tmp.Value.Captured {
		return f.expr(tmp.Value.Expr).(*dst.Ident).Name
	}
	x := t.expr(f.expr(tmp.Value.Expr))
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

// makeThunk wraps the call in a literal.
func (f *function) makeThunk(t *template, s *plan.Site) {
	c := s.Call
	op := "="
	block := !c.Thunk.AtSite && len(c.Temps) > 0
	if c.Thunk.AtSite {
		op = ":="
	}
	if block {
		t.add("{")
	}
	f.assignTemps(t, s)
	f.checks(t, s)
	t.add("%s %s %s", c.Thunk.Name, op, f.thunkLit(t, s))
	if s.Own {
		// What a panic calls is the literal itself, not the thunk.
		t.add("%s\ndefer %s", analysis.GuardMark, t.call(f.inner(s, byName)))
	}
	if block {
		t.add("}")
	}
}

// thunkLit writes the literal.
func (f *function) thunkLit(t *template, s *plan.Site) string {
	call := t.call(f.inner(s, byName))
	if s.Callee.Func != nil && pure(s.Callee.Func) {
		call = "_ = " + call
	}
	return fmt.Sprintf("func() {\n%s\n}", call)
}

// push adds a record for an entry of a site in a cycle.
func (f *function) push(t *template, s *plan.Site) {
	all, st, c := s.Records, f.store(s.Place()), s.Call
	if all.Promise != "" && all.Layout != plan.Array && s.Tag == 0 {
		t.add("if %s == %d {\npanic(%q)\n}", all.Number, all.Len, all.Promise)
	}
	if s.Store != nil && all.Iterations.Bare != nil {
		f.dropKey(all.Iterations.Bare)
	}
	apart := c.Apart()
	if apart {
		t.add("{")
		f.assignTemps(t, s)
	}
	if c.NilCheck != nil {
		f.nilCheck(t, s)
	}
	f.checks(t, s)
	st.push(t, s, f.fields(t, s, apart))
	if apart {
		t.add("}")
	}
}

// fields writes what a record of s keeps.
func (f *function) fields(t *template, s *plan.Site, apart bool) (values []string) {
	c, r := s.Call, s.Place()
	field := func(tmp *plan.Temp, value string) {
		if !r.Scalar {
			value = tmp.Field + ": " + value
		}
		values = append(values, value)
	}
	if c.Thunk != nil {
		field(c.Thunk, f.thunkLit(t, s))
		return values
	}
	for _, tmp := range c.Temps {
		if apart {
			field(tmp, tmp.Name)
		} else {
			field(tmp, f.value(t, tmp))
		}
	}
	return values
}

// dropKey takes the key from a loop that does not use it any more.
func (f *function) dropKey(loop *ast.RangeStmt) {
	l := f.nodes[loop].(*dst.RangeStmt)
	if l.Value != nil {
		l.Key = dst.NewIdent("_")
		return
	}
	l.Key, l.Tok = nil, token.ILLEGAL
}

// discard evaluates the operands of a call that is never made.
func (f *function) discard(t *template, s *plan.Site) {
	callee, call := s.Callee, s.Stmt.Call
	var values []string
	again := false
	switch callee.Kind {
	case analysis.Builtin, analysis.CFunction:
	case analysis.Function:
		again = true
	default:
		values = append(values, t.expr(f.expr(callee.Fun)))
	}
	for _, x := range call.Args {
		tv := f.Unit.Pkg.Info.Types[x]
		switch {
		case tv.IsNil() || tv.IsType():
		case tv.Value != nil:
			again = again || analysis.Has[*ast.SelectorExpr](x)
		case again && isIdent(x): // named again below
		default:
			values = append(values, t.expr(clone(f.expr(x))))
		}
	}
	tuple := len(call.Args) == 1 && s.Callee.Sig != nil && f.isTuple(call.Args[0])
	if tuple {
		t.add("%s = %s", blanks(f.tupleLen(call.Args[0])), values[len(values)-1])
		values = values[:len(values)-1]
	}
	if len(values) > 0 {
		t.add("%s = %s", blanks(len(values)), strings.Join(values, ", "))
	}
	if again {
		t.add("if %s {\n%s\n}", f.Words.False, t.call(dst.Clone(f.nodes[call]).(*dst.CallExpr)))
	}
}

func blanks(n int) string { return "_" + strings.Repeat(", _", n-1) }

func isIdent(x ast.Expr) bool {
	_, ok := x.(*ast.Ident)
	return ok
}
