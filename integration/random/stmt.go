package random

import (
	"fmt"
	"slices"
	"strings"
)

// A label is something that a break, continue or goto may name.
type label struct {
	name    string
	kind    string // loop, switch, forward, or back
	counter string // back: counts the jumps
	used    bool
}

// statements generates statements until the budget is used up.
func (g *gen) statements() {
	if g.calm {
		for _, v := range g.frame.results {
			if v.name != "" && v.name != "_" && nilable(v.typ) {
				g.emit("%s = %s", v.name, g.literal(v.typ))
			}
		}
	}
	if g.frame.deferred && g.chance(60) {
		g.recovers()
	}
	for g.budget > 0 && !g.stops() {
		g.statement()
	}
}

// some generates a few statements in a block of their own and returns its text.
func (g *gen) some(vars []*variable) string {
	g.depth++
	text := g.inBlock(vars, func() {
		if g.frame.eager && g.chance(50) {
			g.deferred()
		}
		for n := 1 + g.r.IntN(4); n > 0 && g.budget > 0 && !g.stops(); n-- {
			g.statement()
		}
	})
	g.depth--
	return text
}

// stops reports whether to end a block: mostly after a jump, else what follows
// is never reached.
func (g *gen) stops() bool { return g.block.done && g.chance(85) }

func (g *gen) statement() {
	g.budget--
	g.pay(1)
	list := []production{
		{12, g.trace},
		{10, g.newVariable},
		{8, g.assign},
		{22, g.deferred},
		{5, g.callStatement},
		{3, g.jump},
		{2, g.funcDecl},
		{2, g.localType},
		{1, g.hiding},
		{2, g.hidingLate},
		{1, g.many},
	}
	if g.frame.deferred {
		list = append(list, production{5, g.recovers})
	}
	if !g.calm {
		list = append(list, production{2, g.panics}, production{2, g.lastWords})
	}
	if g.self != nil {
		list = append(list, production{3, g.recursion})
	}
	if g.depth < 4 {
		list = append(list,
			production{9, g.ifElse},
			production{3, g.conditional},
			production{7, g.loop},
			production{4, g.switches},
			production{2, g.selects},
			production{2, g.plainBlock},
			production{2, g.iife},
			production{1, g.goroutine},
			production{1, g.nilInPanic},
			production{2, g.locks})
		if !g.frame.late { // a goto anywhere is in the way of what lateDefers is for
			list = append(list, production{2, g.forward}, production{2, g.backward})
		}
		if g.minor >= 23 {
			list = append(list, production{5, g.rangeFunc})
		}
	}
	g.try(list)
}

// trace prints a few variables.
func (g *gen) trace() bool {
	var vals []string
	for range 1 + g.r.IntN(3) {
		vals = append(vals, g.expr(pick(g, varTypes...), 1))
	}
	g.emit("rt.T(%d, %s)", g.next(), strings.Join(vals, ", "))
	return true
}

func (g *gen) newVariable() bool {
	if g.chance(15) {
		return g.newVariables()
	}
	t := g.typ()
	if t == "int" && g.chance(20) {
		t = pick(g, varTypes[:8]...)
		if !g.canType(t) {
			return false
		}
	}
	name := g.fresh()
	if g.chance(20) && !(g.calm && nilable(t)) {
		g.declare(name, t)
		g.emit("var %s %s", name, t)
		return true
	}
	x := g.expr(t, 2)
	text := fmt.Sprintf("var %s %s = %s", name, t, x)
	if t == "int" && g.chance(60) {
		text = name + " := " + x
	}
	g.declare(name, t)
	g.emit("%s", text)
	return true
}

// newVariables declares the results of a call.
func (g *gen) newVariables() bool {
	list := g.callable(func(f *fn) bool { return len(f.results) > 1 })
	if len(list) == 0 {
		return false
	}
	f := pick(g, list...)
	text := g.callText(f, "")
	if text == "" {
		return false
	}
	var names []string
	for i, t := range f.results {
		name := g.fresh()
		if i > 0 && g.chance(20) {
			name = "_"
		} else {
			g.declare(name, t)
		}
		names = append(names, name)
	}
	g.emit("%s := %s", strings.Join(names, ", "), text)
	return true
}

func (g *gen) assign() bool {
	t := pick(g, varTypes...)
	if g.chance(50) {
		t = "int"
	}
	if (t == "func()" || t == "func(int) int") && g.variable(t, true) != nil {
		return g.assignFunc(t)
	}
	v := g.variable(t, true)
	if v == nil {
		return g.store()
	}
	switch {
	case t == "int" && g.chance(40):
		g.emit("%s", v.name+pick(g, "++", "--", " += "+g.expr("int", 1)))
	case t == "string" && g.chance(40):
		g.emit("%s = rt.Cut(%s + %q)", v.name, v.name, fmt.Sprint(g.next()))
	case g.chance(15):
		if w := g.variable(t, true); w != nil && w != v {
			g.emit("%s, %s = %s, %s", v.name, w.name, w.name, v.name)
			return true
		}
		return false
	case g.chance(20):
		return g.store()
	default:
		g.emit("%s = %s", v.name, g.expr(t, 2))
	}
	return true
}

// assignFunc assigns a literal that calls no function variable, so that there
// is no way back to it.
func (g *gen) assignFunc(t string) bool {
	v := g.variable(t, true)
	pure := g.pure
	g.pure = true
	x := g.literal(t)
	if g.depth < 3 && g.chance(50) {
		x = g.funcOf(t, 3)
	}
	g.pure = pure
	g.emit("%s = %s", v.name, x)
	return true
}

// store assigns to a part of a variable or to a global one.
func (g *gen) store() bool {
	x := g.expr("int", 1)
	switch g.r.IntN(8) {
	case 0:
		g.emit("%s = %s", pick(g, "gA", "gB"), x)
	case 1:
		g.emit("gS = %s", g.expr("string", 1))
	default:
		t := pick(g, "S", "*S", "P", "*P", "[2]int", "map[string]int", "*int", "[]int", "E")
		v := g.variable(t, true)
		if v == nil {
			return false
		}
		place := map[string]string{"S": v.name + ".A", "*S": v.name + ".F[1]", "P": v.name + ".A", "*P": v.name + ".S.F[0]",
			"[2]int": v.name + "[1]", "map[string]int": v.name + `["b"]`, "*int": "*" + v.name, "[]int": v.name + "[0]", "E": v.name + ".N"}[t]
		if t == "[]int" && g.calm {
			g.emit("%s = append(%s, %s)", v.name, v.name, x)
			return true
		}
		g.emit("%s %s %s", place, pick(g, "=", "+=", "^="), x)
	}
	return true
}

func (g *gen) callStatement() bool {
	if g.chance(25) {
		if f := g.funcVariable("func()"); f != "" {
			g.emit("%s()", f)
			return true
		}
	}
	list := g.callable(func(f *fn) bool { return f.cost > 1 || g.chance(20) })
	if len(list) == 0 {
		return false
	}
	text := g.callText(pick(g, list...), "")
	if text == "" {
		return false
	}
	if g.chance(40) && !g.calm {
		text = fmt.Sprintf("rt.Try(%d, func() { %s })", g.next(), text)
	}
	g.emit("%s", text)
	return true
}

// many generates a long series of sites, or of returns: past 64 sites a mask
// has several words, past a few returns exits are shared.
func (g *gen) many() bool {
	if !g.chance(30) || g.mult > 1 {
		return false
	}
	sites, returns := pick(g, 10, 20, 70), pick(g, 0, 3, 20)
	g.pay(sites)
	for i := range max(sites, returns) {
		if i < sites {
			site := fmt.Sprintf("defer rt.T(%d, %s)", g.next(), g.expr(pick(g, "int", "string", "S"), 0))
			if g.chance(70) {
				site = fmt.Sprintf("if rt.Coin(%d) {\n%s\n}", g.next(), site)
			}
			g.emit("%s", site)
		}
		if i < returns {
			g.emit("if rt.Int(%d) == 3 && rt.Rare(%d) {\n%s\n}", g.next(), g.next(), g.returnText())
		}
	}
	return true
}

// recursion calls the function itself. Only one such call is generated.
func (g *gen) recursion() bool {
	f := g.self
	if f == nil || g.mult > 1 { // a production that came to nothing may have used it up
		return false
	}
	g.self = nil
	call := strings.TrimSuffix(f.name+"(depth-1, "+g.exprs(f.params, 1), ", ") + ")"
	defer_ := pick(g, "", "", "defer ")
	g.emit("if depth > 0 {\n%s%s\n}", defer_, call)
	return true
}

// jump leaves something: a loop, a switch, or the function.
func (g *gen) jump() bool {
	text := g.jumpText()
	if g.chance(75) {
		g.emit("if %s {\n%s\n}", g.condition(1), text)
		return true
	}
	g.emit("%s", text)
	g.block.done = true
	return true
}

func (g *gen) jumpText() string {
	labels := g.frame.labels
	if len(labels) == 0 || g.chance(40) {
		return g.returnText()
	}
	l := pick(g, labels...)
	last := g.innermost("loop", "switch") == l
	switch l.kind {
	case "back":
		l.used = true
		return fmt.Sprintf("if %s < 2 {\n%s++\ngoto %s\n}", l.counter, l.counter, l.name)
	case "forward":
		l.used = true
		return "goto " + l.name
	}
	word := "break"
	if l.kind == "loop" {
		word = pick(g, "break", "continue")
	}
	if last && g.chance(60) || word == "continue" && g.innermost("loop") == l && g.chance(50) {
		return word
	}
	l.used = true
	return word + " " + l.name
}

// innermost returns the last label of one of the given kinds.
func (g *gen) innermost(kinds ...string) *label {
	for _, l := range slices.Backward(g.frame.labels) {
		if slices.Contains(kinds, l.kind) {
			return l
		}
	}
	return nil
}

func (g *gen) returnText() string {
	results := g.frame.results
	if len(results) == 0 {
		return "return"
	}
	var types []string
	bare := true
	for _, v := range results {
		types = append(types, v.typ)
		switch v.name {
		case "":
			bare = false
		case "_": // always zero
			bare = bare && !(g.calm && (nilable(v.typ) || v.typ == "T"))
		default:
			bare = bare && g.lookup(v.name) == v
		}
	}
	if bare && g.chance(35) {
		return "return"
	}
	if g.chance(20) {
		if call := g.callFor(types); call != "" {
			return "return " + call
		}
	}
	return "return " + g.exprs(types, 1)
}

// ending generates what ends a function body.
func (g *gen) ending() {
	if len(g.frame.results) == 0 {
		return
	}
	switch g.r.IntN(10) {
	case 0:
		g.emit("if %s {\n%s\n} else {\n%s\n}", g.condition(0), g.returnText(), g.returnText())
	case 1:
		g.emit("for {\n%s\n}", g.returnText())
	case 2:
		g.emit("switch {\ncase %s:\n%s\ndefault:\n%s\n}", g.condition(0), g.returnText(), g.returnText())
	case 3:
		if g.can("panic") && !g.calm {
			g.emit("panic(%s)", g.panicValue())
			return
		}
		fallthrough
	default:
		g.emit("%s", g.returnText())
	}
}

func (g *gen) panicValue() string {
	switch g.r.IntN(8) {
	case 0:
		return g.expr("error", 1)
	case 1:
		return g.expr("S", 1)
	case 2:
		return g.expr("any", 1)
	case 3:
		if g.can("nil") {
			return "nil"
		}
	}
	return g.literal(pick(g, "int", "string"))
}

// panics generates a panic or Goexit, mostly under a condition.
func (g *gen) panics() bool {
	text := "runtime.Goexit()"
	if g.can("panic") && g.chance(80) {
		text = "panic(" + g.panicValue() + ")"
	}
	if g.chance(85) {
		g.emit("if %s {\n%s\n}", g.condition(1), text)
		return true
	}
	g.emit("%s", text)
	g.block.done = true
	return true
}

// funcDecl declares a variable for a literal.
func (g *gen) funcDecl() bool {
	if g.depth > 3 {
		return false
	}
	t := pick(g, "func()", "func(int) int")
	cost := g.cost
	text := g.funcOf(t, 4)
	name := g.fresh()
	v := g.declare(name, t)
	v.cost = max(15, (g.cost-cost)/g.mult)
	v.fixed = true // what is called has this cost
	g.emit("%s := %s", name, text)
	return true
}

// funcOf generates a literal of type t.
func (g *gen) funcOf(t string, budget int) string {
	if t == "func()" {
		return g.literalFunc(nil, nil, false, budget)
	}
	return g.literalFunc([]string{"int"}, []string{"int"}, false, budget)
}

// localType declares a type and a variable of it.
func (g *gen) localType() bool {
	t := fmt.Sprint("L", g.next())
	name := g.fresh()
	x := g.expr("int", 1)
	g.declare(name, t)
	switch g.r.IntN(3) {
	case 0:
		g.emit("type %s struct {\nA int\nB string\n}\n%s := %s{A: %s}\n%s.A++", t, name, t, x, name)
	case 1:
		g.emit("type %s int\n%s := %s(%s)\n%s++", t, name, t, x, name)
	case 2:
		g.emit("type %s [2]S\n%s := %s{{A: %s}}\n%s[1] = %s[0]", t, name, t, x, name, name)
	}
	switch g.r.IntN(4) {
	case 0, 1:
		g.emit("defer func(z %s) { rt.T(%d, z) }(%s)", t, g.next(), name)
	case 2:
		if g.can("pair") {
			g.emit("defer pair(%s, %s)", g.expr("int", 1), name)
		}
	}
	return true
}

// hidingLate declares the name of something that is deferred in front of it as
// something else: at an exit behind it, the name does not mean what was deferred.
func (g *gen) hidingLate() bool {
	name := pick(g, "delete", "clear", "close", "copy", "ident", "pair", "bump")
	if g.inScope(name) || !g.can(name) || g.minor < 21 && name == "clear" {
		return false
	}
	text := ""
	switch name {
	case "delete":
		if v := g.use("map[string]int"); v != "" {
			text = fmt.Sprintf("defer delete(%s, %s)", v, g.expr("string", 1))
		}
	case "clear":
		if v := g.use(pick(g, "map[string]int", "[]int")); v != "" {
			text = fmt.Sprintf("defer clear(%s)", v)
		}
	case "close":
		text = "defer close(make(chan " + pick(g, "S", "string") + "))"
	case "copy":
		if v := g.use("[]int"); v != "" {
			text = fmt.Sprintf("defer copy(%s, %s)", v, g.expr("[]int", 1))
		}
	case "ident":
		if v := g.use(pick(g, varTypes...)); v != "" {
			text = fmt.Sprintf("defer ident(%s)", v)
		}
	case "pair":
		text = fmt.Sprintf("defer pair(%s, rt.Int(%d))", g.literal("string"), g.next())
	case "bump":
		if x := g.address("int"); x != "" {
			text = fmt.Sprintf("defer bump(%s)", x)
		}
	}
	if text == "" {
		return false
	}
	switch g.r.IntN(3) {
	case 0:
		text = fmt.Sprintf("if rt.Coin(%d) {\n%s\n}", g.next(), text)
	case 1:
		if g.mult <= 30 {
			text = fmt.Sprintf("for c%d := 0; c%d < 2; c%d++ {\n%s\n}", g.id, g.id, g.id, text)
		}
	}
	g.emit("%s\n%s := %s", text, name, g.expr("int", 0))
	g.declare(name, "int")
	g.hidden[name] = true
	return true
}

// hiding declares a predeclared name as something else, in a block, and defers
// there.
func (g *gen) hiding() bool {
	hide := pick(g, "int", "string", "error", "any", "nil", "true", "bool", "uint8", "recover", "panic", "append", "S", "two", "gA", "runtime", "len")
	var values []string
	for range 3 {
		if x := g.use(pick(g, varTypes...)); x != "" {
			values = append(values, x)
		}
	}
	values = append(values, hide)
	decl := hide + " := " + g.expr("int", 1)
	if g.chance(30) {
		decl = "type " + hide + " struct{ Y byte }\nvar z " + hide
		values[len(values)-1] = "z"
	}
	text := fmt.Sprintf("defer rt.T(%d, %s)", g.next(), strings.Join(values, ", "))
	if g.chance(30) {
		text = fmt.Sprintf("if rt.Coin(%d) {\n%s\n}", g.next(), text)
	}
	if g.chance(30) {
		text += fmt.Sprintf("\ndefer func() { rt.T(%d, %s) }()", g.next(), strings.Join(values, ", "))
	}
	if v := g.use("*S"); v != "" && g.methods {
		text += fmt.Sprintf("\ndefer %s.M0(3)", v)
	}
	g.emit("{\n%s\n%s\n}", decl, text)
	return true
}
