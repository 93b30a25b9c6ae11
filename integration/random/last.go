package random

import (
	"fmt"
	"slices"
	"strings"
)

// lastWords defers a panic that is surely pending at a return statement, whose
// operands are all that uses what was declared for them.
func (g *gen) lastWords() bool {
	if g.calm || !g.can("panic") || g.mult > 60 || g.frame.late {
		return false
	}
	var vars []*variable
	var list []string
	for _, r := range g.frame.results {
		if !g.canType(r.typ) || g.chance(30) {
			continue
		}
		v := param(fmt.Sprint("w", g.next()), r.typ)
		list = append(list, fmt.Sprintf("var %s %s = %s", v.name, v.typ, g.expr(v.typ, 1)))
		vars = append(vars, v)
	}
	if g.chance(30) {
		list = append(list, fmt.Sprintf("defer rt.T(%d, %s)", g.next(), g.expr("int", 1)))
	}
	list = append(list, fmt.Sprintf("defer panic(%s)", g.panicValue()))
	if g.chance(30) {
		list = append(list, fmt.Sprintf("defer rt.T(%d, %s)", g.next(), g.expr("string", 1)))
	}
	list = append(list, g.lastReturn(vars))
	text := strings.Join(list, "\n")
	switch g.r.IntN(6) {
	case 0:
		text = fmt.Sprintf("for _, w%d := range []int{%s} {\n%s\n}", g.id, g.expr("int", 1), g.withInt(text))
	case 1:
		if x := g.use("any"); x != "" {
			text = fmt.Sprintf("switch w%d := %s.(type) {\ncase int:\n%s\n}", g.id, x, g.withInt(text))
			break
		}
		fallthrough
	case 2:
		text = fmt.Sprintf("if w%d := %s; %s {\n%s\n}", g.id, g.expr("int", 1), g.condition(1), g.withInt(text))
	case 3:
		g.emit("%s", text)
		g.block.done = true
		return true
	default:
		text = fmt.Sprintf("if %s {\n%s\n}", g.condition(1), text)
	}
	g.emit("%s", text)
	return true
}

// lateDefers defers in a block at the end, behind which the function returns something that no call
// changes. Nothing else is pending there.
func (g *gen) lateDefers() {
	g.frame.late, g.frame.eager = false, true
	g.budget = max(g.budget, 6)
	switch {
	case g.block.done:
	case g.chance(40):
		g.conditional()
		g.conditional()
		g.statement()
		g.frame.eager = false
		g.emit("%s", g.returnText())
		return
	default:
		g.try([]production{{6, g.ifElse}, {3, g.switches}, {1, g.selects}, {1, g.plainBlock}})
	}
	g.frame.eager = false
	if g.calm && slices.ContainsFunc(g.frame.results, func(r *variable) bool { return nilable(r.typ) || r.typ == "T" }) {
		g.emit("%s", g.returnText())
		return
	}
	var list []string
	for _, r := range g.frame.results {
		if r.name != "" && g.chance(70) {
			list = nil
			break
		}
		list = append(list, g.literal(r.typ))
	}
	if len(g.frame.results) > 0 || g.chance(30) {
		g.emit("%s", strings.TrimSuffix("return "+strings.Join(list, ", "), " "))
	}
}

// withInt uses w, the variable of a header, which is the last number given out: in
// the return statement where that returns an int.
func (g *gen) withInt(text string) string {
	w := fmt.Sprint("w", g.id)
	i := strings.LastIndex(text, "return ")
	if results := g.frame.results; i >= 0 && len(results) == 1 && results[0].typ == "int" {
		return text[:i] + "return " + w
	}
	return fmt.Sprintf("_ = %s\n%s", w, text)
}

// lastReturn returns expressions of vars and what needs none.
func (g *gen) lastReturn(vars []*variable) string {
	s := g.scope
	g.scope = &scope{vars: vars}
	defer func() { g.scope = s }()
	var list []string
	for _, r := range g.frame.results {
		switch {
		case r.typ == "int" && g.chance(15):
			g.strconv = true
			list = append(list, "strconv.IntSize")
		case r.typ == "string" && g.chance(15):
			g.strconv = true
			list = append(list, fmt.Sprintf("strconv.Itoa(%s)", g.expr("int", 0)))
		case r.typ == "func(int) int" && g.chance(30):
			list = append(list, fmt.Sprintf("func(z int) int { return z + %s }", g.expr("int", 0)))
		default:
			list = append(list, g.expr(r.typ, 1))
		}
	}
	return strings.TrimSuffix("return "+strings.Join(list, ", "), " ")
}

// deferNever defers a literal that never returns.
func (g *gen) deferNever() bool {
	if g.calm || !g.can("panic") || g.depth > 3 || g.mult > 60 {
		return false
	}
	body := fmt.Sprintf("rt.T(%d, %s)\n", g.next(), g.expr("int", 1))
	if g.chance(30) {
		g.frame = &frame{outer: g.frame, deferred: true}
		body = g.some(nil) + "\n"
		g.frame = g.frame.outer
	}
	value := g.panicValue()
	switch g.r.IntN(6) {
	case 0:
		body += fmt.Sprintf("for {\nrt.T(%d)\npanic(%s)\n}", g.next(), value)
	case 1:
		body += "for {\nruntime.Goexit()\n}"
	case 2:
		body += fmt.Sprintf("if %s {\npanic(%s)\n} else {\npanic(%d)\n}", g.condition(1), value, g.next())
	case 3:
		body += fmt.Sprintf("switch {\ncase %s:\npanic(%s)\ndefault:\npanic(%d)\n}", g.condition(1), value, g.next())
	default:
		body += fmt.Sprintf("panic(%s)", value)
	}
	text := fmt.Sprintf("defer func() {\n%s\n}()", body)
	if g.chance(60) {
		text = fmt.Sprintf("if %s {\n%s\n%s\n}", g.condition(1), text, g.returnText())
	}
	g.emit("%s", text)
	return true
}

// nilInPanic defers a function that may be nil and panics, in a goroutine: its stack
// is small, and moves while a panic calls that.
func (g *gen) nilInPanic() bool {
	if g.calm || !g.can("panic") || !g.can("nil") {
		return false
	}
	done := fmt.Sprint("done", g.next())
	stop := pick(g, "nil", "nil", g.literal("func()"))
	catch := pick(g, "caught", "rt.Catch")
	if g.can("recover") && g.chance(40) {
		catch = "func(z int) { rt.T(z, recover()) }"
	}
	g.emit("%s := make(chan struct{})\ngo func(stop func()) {\ndefer close(%s)\ndefer %s(%d)\n%s\ndefer stop()\npanic(%s)\n}(%s)\n<-%s",
		done, done, catch, g.next(), pick(g, "", fmt.Sprintf("defer rt.T(%d)", g.next())), g.panicValue(), stop, done)
	return true
}

// crossing declares and calls a function whose return statements return one result as another,
// beside a call: which of them is evaluated before the calls that are pending decides what is
// returned. What it defers sees no result.
//
//	v1, v2 := func() (a, b int) {
//		defer rt.T(3)
//		b = 2
//		return b, rt.Int(4)
//	}()
func (g *gen) crossing() bool {
	if !g.can("int") {
		return false
	}
	var names, lists []string
	for i := range 2 + g.r.IntN(2) {
		names = append(names, fmt.Sprintf("c%d_%d", g.next(), i))
	}
	operand := func() string {
		name := pick(g, names...)
		switch g.r.IntN(6) {
		case 0, 1:
			return name
		case 2:
			return name + " + " + pick(g, names...)
		case 3:
			return fmt.Sprintf("rt.Int(%d) + %s", g.next(), name)
		case 4:
			return g.expr("int", 1)
		}
		return fmt.Sprintf("rt.Int(%d)", g.next())
	}
	returns := func() string {
		var list []string
		for range names {
			list = append(list, operand())
		}
		return "return " + strings.Join(list, ", ")
	}
	lists = append(lists, fmt.Sprintf("defer rt.T(%d, %s)", g.next(), g.expr("int", 1)))
	for _, name := range names {
		if g.chance(70) {
			lists = append(lists, name+" = "+operand())
		}
	}
	if g.chance(50) {
		lists = append(lists, fmt.Sprintf("if rt.Coin(%d) {\n%s\n}", g.next(), returns()))
	}
	if g.chance(30) {
		lists = append(lists, fmt.Sprintf("defer rt.T(%d, %s)", g.next(), pick(g, names...)))
	}
	lists = append(lists, returns())
	var vars []string
	for range names {
		vars = append(vars, fmt.Sprint("v", g.next()))
	}
	all := strings.Join(vars, ", ")
	g.emit("%s := func() (%s int) {\n%s\n}()\nrt.T(%d, %s)", all, strings.Join(names, ", "), strings.Join(lists, "\n"), g.next(), all)
	return true
}

// converting declares and calls a function whose operands are converted to an interface beside a
// call that changes what they read. Go leaves the order open; what gc does depends on the form of the
// operand and on where it is converted.
//
//	v1, v2 := func() (any, int) {
//		k3, b4 := 0, false
//		var change func() int // not inlined, on which the order depends, too
//		change = func() int { k3, b4 = 1, true; return rt.Int(5) }
//		defer rt.T(6, b4, change())
//		return "ab"[k3], change()
//	}()
func (g *gen) converting() bool {
	if !g.can("any") || !g.can("int") || !g.can("true") || !g.can("false") || !g.can("bool") {
		return false
	}
	k, b, m, st, change := fmt.Sprint("k", g.next()), fmt.Sprint("b", g.next()), fmt.Sprint("m", g.next()), fmt.Sprint("st", g.next()), fmt.Sprint("ch", g.next())
	operand := func() string {
		x := pick(g, "K", "B", "!B", "-K", "K + 1", "B == true", "M[K]", "M[K].x", "ST", "ST.x", "ST.n", `"ab"[K]`, "[2]bool{true, B}[K]",
			"[]int8{3, 4}[K]", "struct{ x bool }{B}", "struct{ x bool }{B}.x", "int8(K)", "float64(K)", "N(K)", "N(K).M0", "&ST.n")
		if strings.HasSuffix(x, ".M0") || strings.HasPrefix(x, "&") {
			return fmt.Sprintf("%s != nil", x)
		}
		return x
	}
	named := func(x string) string { return strings.NewReplacer("K", k, "B", b, "M[", m+"[", "ST", st).Replace(x) }
	lists := []string{
		fmt.Sprintf("%s, %s, %s := 0, false, struct {\nn int8\nx bool\n}{n: 1}", k, b, st),
		fmt.Sprintf("%s := map[int]struct{ x bool }{1: {true}}", m),
		fmt.Sprintf("var %s func() int\n%[1]s = func() int { %s, %s, %s.n, %[4]s.x = 1-%[2]s, !%[3]s, %[4]s.n+1, !%[4]s.x; return rt.Int(%[5]d) }", change, k, b, st, g.next()),
	}
	for range 1 + g.r.IntN(2) {
		text := fmt.Sprintf("defer rt.T(%d, %s, %s, %s())", g.next(), named(operand()), named(operand()), change)
		if g.chance(30) {
			text = fmt.Sprintf("if rt.Coin(%d) {\n%s\n}", g.next(), text)
		}
		lists = append(lists, text)
	}
	lists = append(lists, fmt.Sprintf("return %s, %s()", named(operand()), change))
	v, w := fmt.Sprint("v", g.next()), fmt.Sprint("v", g.next())
	g.emit("%s, %s := func() (%s any, %s int) {\n%s\n}()\nrt.T(%d, %[1]s, %[2]s)", v, w, pick(g, "_", v), pick(g, "_", w), strings.Join(lists, "\n"), g.next())
	return true
}
