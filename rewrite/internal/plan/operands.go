package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Call is the plan for how a site's call is written where its entry runs.
//
// Function value, receiver and arguments are evaluated at the site (spec,
// "Defer statements"). What is not saved there is written again.
type Call struct {
	Fun      *Temp    // nil: written again, or lifted
	Lift     *Lift    // of a literal in a loop; nil where it stays
	Inline   bool     // the body of the literal is written instead of a call
	Recv     *Temp    // receiver of a method; nil: written again, or part of Fun
	Args     []Arg    // one for each argument, or for each result of f in g(f())
	Spread   bool     // g(f())
	FunFirst bool     // the function is saved before the arguments are evaluated, not with them
	InTurn   bool     // arguments of a C function are saved one after the other, as cgo does
	Temps    []*Temp  // those of Lift, Fun or Recv, then those of Args
	NilCheck ast.Expr // the method of an interface that may be nil, which panics at the site
	CallNil  bool     // the check calls the method; else it evaluates it
	Thunk    *Temp    // the whole call in a literal that is made at the site
}

// FuncName returns the name of the variable that is called.
func (c *Call) FuncName() string {
	if c.Thunk != nil {
		return c.Thunk.Name
	}
	return c.Fun.Name
}

// An Arg is one argument.
type Arg struct {
	Expr    ast.Expr // as written; for Spread nil
	Temp    *Temp    // nil: written again
	Parts   []Part   // what is saved of an argument that is written again
	Indexed bool     // it is &v[i], and i is evaluated behind v
	Check   *Check   // nil: evaluating it cannot panic, or it is saved
}

// Temps returns what is saved of a.
func (a Arg) Temps() (list []*Temp) {
	if a.Temp != nil {
		list = append(list, a.Temp)
	}
	for _, p := range a.Parts {
		list = append(list, p.Temp)
	}
	return list
}

// A Temp is a variable, or a field of a record, that holds an operand.
type Temp struct {
	Name     string
	Hint     string
	Type     types.Type
	TypeText string
	Field    string // in a record
	AtSite   bool   // declared at the site, by :=
	Again    bool   // not saved: the induction variable, which is computed again
	Value    Value
}

// Value is the expression that is saved.
type Value struct {
	Expr   ast.Expr
	Prefix token.Token  // AND or MUL before Expr, or ILLEGAL
	Lit    *ast.FuncLit // Expr, if it is one
	Box    string       // an interface type that Expr is converted to, or ""

	Captured bool // Expr is an identifier inside the literal that captured it
}

// operands plans the call of s.
func (f *Func) operands(s *Site) {
	c := &Call{}
	s.Call = c
	switch s.Strategy {
	case "unreachable", "unused", "guard", "native":
		return
	}
	f.site = s
	places := f.places(s)
	call := s.Stmt.Call
	c.Spread = len(call.Args) == 1 && isTuple(f.info.TypeOf(call.Args[0]))
	f.callee(s, places)
	f.arguments(s, places)
	if c.NilCheck != nil && !f.opts.Native && f.predeclared("nil") && !c.Spread && f.allNamed(call.Args) {
		c.CallNil = !analysis.Has[*ast.CompositeLit](c.NilCheck) // it would end the header of an if statement
	}
	if c.Lift != nil {
		for _, v := range c.Lift.Vars {
			if !v.Again {
				c.Temps = append(c.Temps, v)
			}
		}
	}
	if c.Recv != nil {
		c.Temps = append(c.Temps, c.Recv)
	}
	if c.Fun != nil {
		c.Temps = append(c.Temps, c.Fun)
	}
	for _, a := range c.Args {
		c.Temps = append(c.Temps, a.Temps()...)
	}
	f.declare(s, places)
}

// paramHint names an argument after its parameter.
func paramHint(sig *types.Signature, i int) string {
	if sig != nil && i < sig.Params().Len() && !(sig.Variadic() && i == sig.Params().Len()-1) {
		if name := sig.Params().At(i).Name(); len(name) > 1 {
			return name
		}
	}
	return "arg"
}

func isTuple(t types.Type) bool {
	_, ok := t.(*types.Tuple)
	return ok
}

// callee plans what is called.
func (f *Func) callee(s *Site, places []place) {
	c, callee := s.Call, s.Callee
	switch callee.Kind {
	case analysis.Literal:
		if c.Lift = f.lift(s); c.Lift != nil {
			return
		}
		if c.Inline = s.inline; c.Inline {
			s.because(InPlace)
			return
		}
		c.Fun = &Temp{Hint: f.literalHint(callee.Lit), Type: f.info.TypeOf(callee.Lit), Value: Value{Expr: callee.Fun, Lit: callee.Lit}}
	case analysis.Builtin, analysis.CFunction:
		if !f.namesVisible(callee.Fun, places) {
			f.thunk(s)
		}
	case analysis.Function:
		if !f.namesVisible(callee.Fun, places) {
			c.Fun = &Temp{Hint: exprHint(callee.Fun, "deferred"), Type: callee.Sig, Value: Value{Expr: callee.Fun}}
		}
	case analysis.Value:
		if !f.stable(callee.Fun, places) {
			c.Fun = &Temp{Hint: exprHint(callee.Fun, "deferred"), Type: f.info.TypeOf(callee.Fun), Value: Value{Expr: callee.Fun}}
		}
	case analysis.Method:
		f.method(s, places)
	case analysis.Interface:
		f.ifaceMethod(s, places)
	}
}

// method plans x.M of a concrete type. What is saved is the receiver itself
// where its type can be told from x; a promoted method is saved as a method
// value.
func (f *Func) method(s *Site, places []place) {
	c, callee := s.Call, s.Callee
	x := callee.Sel.X
	recv := callee.Func.Signature().Recv().Type()
	_, wantsPointer := types.Unalias(recv).(*types.Pointer)
	xt := f.info.TypeOf(x)
	_, hasPointer := analysis.Under(xt).(*types.Pointer)
	direct := len(callee.Selection.Index()) == 1

	switch {
	case wantsPointer && !hasPointer && f.stableAddress(x, s, places) && f.embeds(callee):
		return
	case wantsPointer && hasPointer && f.stable(x, places) && (direct || f.notNil(x, s) && f.embeds(callee)):
		return
	case !wantsPointer && !hasPointer && f.stable(x, places) && f.embeds(callee):
		return
	case !direct:
		c.Fun = &Temp{Hint: methodHint(callee.Sel), Type: callee.Sig, Value: Value{Expr: callee.Sel}}
	case wantsPointer && !hasPointer:
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: types.NewPointer(xt), Value: Value{Expr: x, Prefix: token.AND}}
	case !wantsPointer && hasPointer:
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: analysis.Under(xt).(*types.Pointer).Elem(), Value: Value{Expr: x, Prefix: token.MUL}}
	default:
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: xt, Value: Value{Expr: x}}
	}
}

// embeds reports whether the way from x to the method's receiver leads only
// through embedded structs: no pointer or interface that could change.
func (f *Func) embeds(callee *analysis.Callee) bool {
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

// ifaceMethod plans x.M of an interface. A nil interface panics at the site;
// a nil pointer in an interface when the entry runs. The method value x.M does
// the same.
func (f *Func) ifaceMethod(s *Site, places []place) {
	c, callee := s.Call, s.Callee
	x := callee.Sel.X
	direct := len(callee.Selection.Index()) == 1
	_, isParam := types.Unalias(f.info.TypeOf(x)).(*types.TypeParam)
	switch {
	case direct && !isParam && f.stable(x, places):
		if !f.notNil(x, s) {
			c.NilCheck = callee.Sel
		}
	case direct && !isParam && !hasCall(x) && (s.Records != nil && isIdent(x) || f.allNamed(s.Stmt.Call.Args)):
		c.Recv = &Temp{Hint: exprHint(x, "recv"), Type: f.info.TypeOf(x), Value: Value{Expr: x}}
		if !f.notNil(x, s) {
			c.NilCheck = callee.Sel
		}
	default:
		c.Fun = &Temp{Hint: methodHint(callee.Sel), Type: callee.Sig, Value: Value{Expr: callee.Sel}}
	}
}

// allNamed reports whether evaluating the arguments does nothing, and cannot
// panic: so it does not matter whether that happens before or after anything
// else, nor how often.
func (f *Func) allNamed(args []ast.Expr) bool {
	for _, x := range args {
		if !isIdent(ast.Unparen(x)) && !f.simple(x) {
			return false
		}
	}
	return true
}

func isIdent(x ast.Expr) bool {
	_, ok := x.(*ast.Ident)
	return ok
}

// arguments plans the arguments.
func (f *Func) arguments(s *Site, places []place) {
	c, call := s.Call, s.Stmt.Call
	if c.Spread {
		tuple := f.info.TypeOf(call.Args[0]).(*types.Tuple)
		for i := range tuple.Len() {
			c.Args = append(c.Args, Arg{Temp: &Temp{Hint: paramHint(s.Callee.Sig, i), Type: tuple.At(i).Type()}})
		}
		c.FunFirst = hasCall(call.Fun)
		return
	}
	if s.Callee.Kind == analysis.CFunction {
		f.cArguments(s, places)
		return
	}
	c.FunFirst = s.Callee.Kind == analysis.Value && hasCall(call.Fun) && slices.ContainsFunc(call.Args, hasCall)
	for i, x := range call.Args {
		arg := Arg{Expr: x}
		switch inner := f.pointerConversion(x); {
		case f.info.Types[x].IsType() || f.stable(x, places): // new(T) and the like
		case inner != nil:
			arg.Parts = []Part{{inner, f.temp(inner, "ptr"), Plain}}
		default:
			arg.Temp = &Temp{Hint: exprHint(x, paramHint(s.Callee.Sig, i)), Type: f.info.TypeOf(x), Value: Value{Expr: x}}
		}
		c.Args = append(c.Args, arg)
		f.box(s, arg.Temp)
	}
}

// box has an operand that is passed as an interface converted to it at once,
// where a later operand calls something. The order of the two is not defined,
// but where it converts a literal, a comparison or a method value, gc evaluates
// that first, and else last.
func (f *Func) box(s *Site, t *Temp) {
	if t == nil || !slices.ContainsFunc(s.Stmt.Call.Args[len(s.Call.Args):], hasCall) || !f.convertedFirst(t.Value.Expr) {
		return
	}
	p := s.paramType(t)
	if p == nil || !types.IsInterface(p) || types.IsInterface(t.Type) {
		return
	}
	if text, ok := f.spell(p, place{nil, s.Stmt.Pos()}); ok {
		t.Type, t.Value.Box = p, text
	}
}

func (f *Func) convertedFirst(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.CompositeLit, *ast.UnaryExpr, *ast.BinaryExpr:
		return true
	case *ast.CallExpr:
		return f.info.Types[x.Fun].IsType() && f.convertedFirst(x.Args[0])
	case *ast.SelectorExpr:
		s := f.info.Selections[x]
		return s != nil && s.Kind() == types.MethodVal
	}
	return false
}

// pointerConversion recognises uintptr(p) for an unsafe.Pointer p: it keeps p
// alive only in the argument list of a call (package unsafe, rule 4).
func (f *Func) pointerConversion(x ast.Expr) (inner ast.Expr) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !f.info.Types[call.Fun].IsType() {
		return nil
	}
	to, ok := analysis.Under(f.info.TypeOf(call.Fun)).(*types.Basic)
	from, ok2 := analysis.Under(f.info.TypeOf(call.Args[0])).(*types.Basic)
	if !ok || !ok2 || to.Kind() != types.Uintptr || from.Kind() != types.UnsafePointer {
		return nil
	}
	return call.Args[0]
}

// declare settles where the saved operands are declared, and with which type.
func (f *Func) declare(s *Site, places []place) {
	c := s.Call
	if c.Thunk != nil {
		return
	}
	atSite := f.mayDeclareAt(s)
	for _, t := range c.Temps {
		if t.Value.Expr != nil && f.contextual(t.Value.Expr) {
			atSite = false
		}
	}
	if !atSite {
		for _, t := range c.Temps {
			if !f.spellTemp(s, t) {
				f.thunk(s)
				return
			}
		}
	}
	for _, t := range c.Temps {
		t.AtSite = atSite
		if s.Records == nil {
			t.Name = f.Unit.Names.Fresh(t.Hint)
		}
	}
}

// spellTemp writes the type of t for the start of the function. The type of
// an argument may be replaced by that of the parameter.
func (f *Func) spellTemp(s *Site, t *Temp) bool {
	at := f.start()
	if text, ok := f.spell(t.Type, at); ok {
		t.TypeText = text
		return true
	}
	if p := s.paramType(t); p != nil {
		if text, ok := f.spell(p, at); ok {
			t.TypeText, t.Type = text, p
			return true
		}
	}
	return false
}

// paramType returns the type of the parameter that t is passed to.
func (s *Site) paramType(t *Temp) types.Type {
	sig := s.Callee.Sig
	if sig == nil {
		return nil
	}
	for i, a := range s.Call.Args {
		if a.Temp != t {
			continue
		}
		last := sig.Params().Len() - 1
		if sig.Variadic() && i >= last && !s.Stmt.Call.Ellipsis.IsValid() {
			return sig.Params().At(last).Type().(*types.Slice).Elem()
		}
		return sig.Params().At(i).Type()
	}
	return nil
}

// mayDeclareAt reports whether variables declared at s, by :=, are in scope
// wherever the call is written.
func (f *Func) mayDeclareAt(s *Site) bool {
	return s.TopLevel && !f.HasGoto && (f.Tail == nil || s == f.FirstSite()) && s.Records == nil && s.standsAt()
}

// thunk makes the whole call a literal at the site. It is the way out where
// an operand's type cannot be named at the start of the function. The stack
// seen by the deferred call has one frame more then.
func (f *Func) thunk(s *Site) {
	c := s.Call
	if c.Thunk != nil {
		return
	}
	c.Thunk = &Temp{Hint: "deferred", AtSite: f.mayDeclareAt(s), TypeText: "func()", Type: types.NewSignatureType(nil, nil, nil, nil, nil, false)}
	c.Thunk.Name = f.Unit.Names.Fresh(c.Thunk.Hint)
	for _, t := range c.Temps {
		t.Name, t.AtSite = f.Unit.Names.Fresh(t.Hint), true
	}
}

// stable reports whether x, written at any of the places, has the value that
// it has at the site.
func (f *Func) stable(x ast.Expr, places []place) bool {
	tv := f.info.Types[x]
	if tv.Value != nil || tv.IsNil() {
		return f.namesVisible(x, places)
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return f.stable(x.X, places)
	case *ast.Ident:
		switch obj := f.info.Uses[x].(type) {
		case *types.Func:
			return f.visibleAt(obj, x.Name, places)
		case *types.Var:
			return f.isInduction(x) || f.keepsValue(obj) && f.visibleAt(obj, x.Name, places)
		}
	case *ast.BinaryExpr:
		return f.inIterations() && (x.Op == token.ADD || x.Op == token.SUB || x.Op == token.MUL) && f.stable(x.X, places) && f.stable(x.Y, places)
	case *ast.SelectorExpr:
		s := f.info.Selections[x]
		if s == nil {
			_, ok := f.info.Uses[x.Sel].(*types.Func)
			return ok && f.namesVisible(x, places)
		}
		return s.Kind() == types.FieldVal && !s.Indirect() && f.stable(x.X, places)
	case *ast.UnaryExpr:
		return x.Op == token.AND && f.stableVariable(x.X, places)
	case *ast.CallExpr:
		return f.convertsWord(x) && f.namesVisible(x.Fun, places) && f.stable(x.Args[0], places)
	}
	return false
}

// convertsWord reports whether call converts a number or pointer to another, which
// does nothing and cannot fail.
func (f *Func) convertsWord(call *ast.CallExpr) bool {
	word := func(t types.Type) bool {
		switch t := analysis.Under(t).(type) {
		case *types.Pointer:
			return true
		case *types.Basic:
			return t.Info()&types.IsNumeric != 0 || t.Kind() == types.UnsafePointer
		}
		return false
	}
	return len(call.Args) == 1 && f.info.Types[call.Fun].IsType() && word(f.info.TypeOf(call)) && word(f.info.TypeOf(call.Args[0]))
}

// keepsValue reports whether v does not change behind the site whose operands
// are being planned. A guard would share a variable that is assigned again with
// the body, which costs more than a copy.
func (f *Func) keepsValue(v *types.Var) bool {
	if f.Unit.Vars.Fixed(v) || f.opts.Globals.Fixed(v) {
		return true
	}
	return f.Unwinds == nil && f.Tail == nil && !f.HasGoto && len(f.site.Loops) == 0 && v.Kind() != types.ResultVar &&
		f.Unit.Vars.OnlyBody(v, f.Node, func(*ast.FuncLit) bool { return false }) && f.Unit.Vars.LastAssigned(v) < f.site.Stmt.Pos()
}

// stableVariable reports whether x denotes the same variable at all places.
func (f *Func) stableVariable(x ast.Expr, places []place) bool {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return f.stableVariable(x.X, places)
	case *ast.Ident:
		obj, ok := f.info.Uses[x].(*types.Var)
		return ok && f.visibleAt(obj, x.Name, places)
	case *ast.SelectorExpr:
		s := f.info.Selections[x]
		if s == nil { // a variable of another package
			_, ok := f.info.Uses[x.Sel].(*types.Var)
			return ok && f.namesVisible(x, places)
		}
		return s.Kind() == types.FieldVal && !s.Indirect() && f.stableVariable(x.X, places)
	case *ast.IndexExpr:
		return f.isElement(x, places)
	}
	return false
}

// stableAddress is stableVariable for a receiver, which may also be a field
// of what a pointer that is not nil points to.
func (f *Func) stableAddress(x ast.Expr, s *Site, places []place) bool {
	if f.stableVariable(x, places) {
		return true
	}
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	sl := f.info.Selections[sel]
	if sl == nil || sl.Kind() != types.FieldVal || len(sl.Index()) != 1 {
		return false
	}
	if _, ok := analysis.Under(f.info.TypeOf(sel.X)).(*types.Pointer); ok {
		return f.stable(sel.X, places) && f.notNil(sel.X, s)
	}
	return f.stableAddress(sel.X, s, places)
}

func hasCall(x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// Apart reports whether the operands of c have to be saved by a statement of
// their own before they go into a record: gc makes all calls among the
// operands of a statement before it reads variables, but not so for the
// elements of a composite literal. What a thunk captures is saved so, too.
func (c *Call) Apart() bool {
	if c.Spread || c.InTurn || c.Thunk != nil && len(c.Temps) > 0 {
		return true
	}
	for _, a := range c.Args {
		if a.Check != nil && a.Check.ByName {
			return true
		}
	}
	for _, t := range c.Temps {
		if len(c.Temps) > 1 && t.Value.Expr != nil && hasCall(t.Value.Expr) {
			return true
		}
	}
	return false
}
