package random

import (
	"fmt"
	"strings"
)

// deferred generates a defer statement.
func (g *gen) deferred() bool {
	if g.frame.late {
		return false
	}
	list := []production{
		{8, g.deferLiteral},
		{6, g.deferTrace},
		{6, g.deferKnown},
		{2, g.deferMethodExpr},
		{3, g.deferValue},
		{2, g.deferResult},
		{3, g.deferBuiltin},
		{2, g.deferRecovering},
		{1, g.deferIndexed},
		{1, g.deferAddress},
		{2, g.deferNever},
		{6, g.deferAsks},
		{2, g.crossing},
		{2, g.converting},
	}
	return g.try(list)
}

func (g *gen) deferTrace() bool {
	var vals []string
	for range 1 + g.r.IntN(3) {
		vals = append(vals, g.expr(pick(g, varTypes...), 1))
	}
	g.emit("defer rt.T(%d, %s)", g.next(), strings.Join(vals, ", "))
	return true
}

func (g *gen) deferLiteral() bool {
	if g.depth > 3 || g.mult > 60 {
		return false
	}
	var params, results []string
	for g.chance(35) {
		if t := g.typ(); len(params) < 3 {
			params = append(params, t)
		}
	}
	if g.chance(20) {
		for _, t := range pick(g, resultTypes...) {
			if g.canType(t) {
				results = append(results, t)
			}
		}
	}
	args := g.exprs(params, 1)
	text := g.literalFunc(params, results, true, 2+g.r.IntN(4))
	g.emit("defer %s(%s)", text, args)
	return true
}

// deferAsks defers a literal that asks whether an error is nil, among other things: what is
// known of it at the exits decides what is left of the literal there.
func (g *gen) deferAsks() bool {
	v := g.variable("error", false)
	switch {
	case !g.can("nil"):
		return false
	case g.can("error") && g.chance(70):
		g.called()
		return true
	case v == nil:
		return false
	}
	test := g.asks(v.name)
	body := fmt.Sprintf("rt.T(%d)", g.next())
	switch {
	case v.fixed:
	case g.chance(20):
		body += "\n" + v.name + " = nil"
	case g.chance(20):
		body = v.name + " = " + g.expr("error", 1)
	}
	if g.chance(20) {
		body += fmt.Sprintf("\n} else {\nrt.T(%d)", g.next())
	}
	g.emit("defer func() {\nif %s {\n%s\n}\n}()", test, body)
	return true
}

// asks generates a condition that asks, among other things, whether the error v is nil.
func (g *gen) asks(v string) string {
	test := v + pick(g, " == ", " != ") + "nil"
	for g.chance(50) {
		other := fmt.Sprintf("rt.Coin(%d)", g.next())
		if g.chance(30) {
			other = g.condition(1)
		}
		if g.chance(50) {
			test = other + pick(g, " && ", " && ", " || ") + test
		} else {
			test += pick(g, " && ", " && ", " || ") + other
		}
	}
	return test
}

// called generates a literal that is called at once: it defers one that looks at its result,
// which the return statements tell.
func (g *gen) called() {
	id := g.next()
	v := fmt.Sprintf("asked%d", id)
	g.emit("rt.T(%d, func() (%s error) {\ndefer func() {\nif %s {\nrt.T(%d)\n}\n}()", id, v, g.asks(v), g.next())
	for g.chance(60) {
		switch g.r.IntN(3) {
		case 0:
			g.emit("if rt.Coin(%d) {\nreturn nil\n}", g.next())
		case 1:
			g.emit("if %s := rt.Err(%d); %s != nil {\nreturn %s\n}", v, g.next(), v, v)
		case 2:
			g.emit("if %s = rt.Err(%d); %s != nil {\nreturn %s\n}", v, g.next(), v, v)
		}
	}
	g.emit("return %s\n}())", pick(g, "nil", v, fmt.Sprintf("rt.Err(%d)", g.next())))
}

// deferKnown defers a function or method.
func (g *gen) deferKnown() bool {
	list := g.callable(func(*fn) bool { return true })
	if len(list) == 0 {
		return false
	}
	f := pick(g, list...)
	if g.chance(40) {
		methods := g.callable(func(f *fn) bool { return f.recv != "" })
		if len(methods) > 0 {
			f = pick(g, methods...)
		}
	}
	text := g.callText(f, "")
	if text == "" {
		return false
	}
	g.emit("defer %s", text)
	return true
}

func (g *gen) deferMethodExpr() bool {
	if !g.methods {
		return false
	}
	switch g.r.IntN(4) {
	case 0:
		g.emit("defer (*S).M0(%s, %s)", g.expr("*S", 1), g.expr("int", 1))
	case 1:
		g.emit("defer P.M0(%s, %s)", g.expr("P", 1), g.expr("int", 1))
	case 2:
		g.emit("defer interface{ M0(int) int }.M0(%s, %s)", g.expr("N", 1), g.expr("int", 1))
	case 3:
		g.emit("defer showI[%s](%s, %s)", "S", g.expr("S", 1), g.expr("int", 1))
	}
	g.pay(30)
	return true
}

// deferValue defers a variable of function type.
func (g *gen) deferValue() bool {
	if f := g.funcVariable("func()"); f != "" && g.chance(50) {
		g.emit("defer %s()", f)
		return true
	}
	if f := g.funcVariable("func(int) int"); f != "" {
		g.emit("defer %s(%s)", f, g.expr("int", 1))
		return true
	}
	return false
}

// deferResult defers what a call returns, or calls with what it returns.
func (g *gen) deferResult() bool {
	switch g.r.IntN(6) {
	case 0:
		g.emit("defer adder(%s)(%s)", g.expr("int", 1), g.expr("int", 1))
	case 1:
		g.emit("defer maker(%s)()", g.expr("string", 1))
	case 2:
		g.emit("defer shows(%s)", pick(g, "two(3)", "three(\"z\")", "open(4)"))
	case 3:
		g.emit("defer rt.T(%s)", "two(5)")
	case 4:
		if !g.can("ident") {
			return false
		}
		g.emit("defer ident[func(int) int](%s)(%s)", g.expr("func(int) int", 1), g.expr("int", 1))
	case 5:
		g.emit("defer (func(z int, s ...interface{}) { rt.T(z, s...) })(three(%s))", g.expr("string", 1))
	}
	return true
}

func (g *gen) deferBuiltin() bool {
	switch pick(g, "close", "delete", "clear", "copy", "panic", "recover") {
	case "close":
		if g.can("close") {
			ch := fmt.Sprint("ch", g.next())
			g.emit("%s := make(chan int)\ndefer func() {\n_, open := <-%s\nrt.T(%d, open)\n}()\ndefer close(%s)", ch, ch, g.next(), ch)
			return true
		}
	case "delete":
		if v := g.use("map[string]int"); v != "" && g.can("delete") {
			g.emit("defer func() { rt.T(%d, %s) }()\ndefer delete(%s, %s)", g.next(), v, v, g.expr("string", 1))
			return true
		}
	case "clear":
		if v := g.use(pick(g, "map[string]int", "[]int")); v != "" && g.minor >= 21 && g.can("clear") {
			g.emit("defer clear(%s)", v)
			return true
		}
	case "copy":
		if v := g.use("[]int"); v != "" && g.can("copy") {
			g.emit("defer rt.T(%d, %s)\ndefer copy(%s, %s)", g.next(), v, v, g.expr("[]int", 1))
			return true
		}
	case "panic":
		if !g.calm && g.can("panic") && g.chance(60) {
			g.emit("if %s {\ndefer panic(%s)\n}", g.condition(1), g.panicValue())
			return true
		}
	case "recover":
		if g.can("recover") {
			g.emit("defer recover()")
			return true
		}
	}
	return false
}

// deferRecovering defers a function that recovers.
func (g *gen) deferRecovering() bool {
	switch g.r.IntN(8) {
	case 0:
		g.emit("defer swallow()")
	case 1:
		g.emit("defer rt.Catch(%d)", g.next())
	case 2:
		g.emit("defer later(%d)", g.next())
	case 3:
		g.emit("defer rt.Quiet()")
	case 4:
		if !g.can("recover") {
			return false
		}
		g.emit("defer func() { defer rt.T(%d, recover()) }()", g.next())
	case 5:
		g.emit("for _, h := range []func(int){caught, rt.Catch, later} {\ndefer h(%d)\n}", g.next())
	default:
		g.emit("defer caught(%d)", g.next())
	}
	return true
}

// deferIndexed defers a function that is an element or field.
func (g *gen) deferIndexed() bool {
	switch g.r.IntN(5) {
	case 4:
		g.emit("defer %s.Call(%s)", pick(g, "F("+g.literal("func(int) int")+")", "F(N(3).M0).With(2)"), g.expr("int", 1))
		return true
	case 0:
		if v := g.use("E"); v != "" && !g.calm {
			g.emit("defer %s.H(%s)", v, g.expr("int", 1))
			return true
		}
	case 1:
		if v := g.use(pick(g, "P", "*P")); v != "" && !g.calm {
			g.emit("defer %s.H(%s)", v, g.expr("int", 1))
			return true
		}
	case 2:
		g.emit("defer [2]func(int) int{%s, adder(3)}[%s&1](%s)", g.literal("func(int) int"), g.expr("int", 1), g.expr("int", 1))
		return true
	case 3:
		g.emit("defer map[string]func(int) int{\"a\": N(3).M0, \"\": adder(1)}[\"a\"](%s)", g.expr("int", 1))
		return true
	}
	return false
}

// deferAddress defers a change through a pointer, of a result where there is
// one.
func (g *gen) deferAddress() bool {
	if x := g.address("int"); x != "" && g.can("bump") {
		g.emit("defer bump(%s)", x)
		return true
	}
	return false
}

// recovers generates a use of recover.
func (g *gen) recovers() bool {
	if !g.can("recover") || !g.can("nil") {
		return false
	}
	id := g.next()
	switch g.r.IntN(12) {
	case 0:
		g.emit("rt.T(%d, recover())", id)
	case 1:
		g.emit("if rt.Coin(%d) {\nrecover()\n}", id)
	case 2:
		g.emit("switch e := recover().(type) {\ncase nil:\ncase string:\nrt.T(%d, e)\ncase runtime.Error:\nrt.T(%d, e)\n%s\ndefault:\n%s\n}",
			id, g.next(), g.some(nil), g.repanic("e"))
	case 3:
		g.emit("func() { rt.T(%d, recover()) }()", id)
	case 4:
		g.emit("rt.T(%d, recover(), recover())", id)
	case 5:
		g.emit("defer func() { rt.T(%d, recover()) }()", id)
	case 6:
		name := g.fresh()
		g.declare(name, "error")
		g.emit("%s, _ := recover().(error)", name)
	case 7:
		name := g.fresh()
		g.declare(name, "any")
		g.emit("%s := recover()", name)
	case 8:
		g.emit("for recover() != nil {\nrt.T(%d)\n}", id)
	default:
		g.emit("if e := recover(); e != nil {\nrt.T(%d, e)\n%s\n%s\n}", id, g.some(nil), g.repanic("e"))
	}
	return true
}

func (g *gen) repanic(e string) string {
	switch {
	case g.calm || !g.can("panic") || g.chance(65):
		return ""
	case g.chance(50):
		return "panic(" + e + ")"
	}
	return fmt.Sprintf("panic(%d)", g.next())
}
