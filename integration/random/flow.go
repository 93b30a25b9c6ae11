package random

import (
	"fmt"
	"slices"
	"strings"
)

func (g *gen) plainBlock() bool {
	g.emit("{\n%s\n}", g.some(nil))
	return true
}

func (g *gen) ifElse() bool {
	head := "if " + g.condition(2)
	var vars []*variable
	if g.chance(15) {
		t := "int"
		name := pick(g, pool...)
		head = fmt.Sprintf("if %s := %s; %s > 1", name, g.expr(t, 1), name)
		vars = append(vars, param(name, t))
	}
	g.withVars(vars, func() {
		text := head + " {\n" + g.some(nil) + "\n}"
		for g.chance(25) && g.budget > 0 {
			text += fmt.Sprintf(" else if %s {\n%s\n}", g.condition(1), g.some(nil))
		}
		if g.chance(40) {
			text += " else {\n" + g.some(nil) + "\n}"
		}
		g.emit("%s", text)
	})
	return true
}

// conditional defers under a condition that asks for a variable, which may change before the end.
func (g *gen) conditional() bool {
	if g.frame.late {
		return false
	}
	t := pick(g, "int", "string", "error", "any")
	v := g.use(t)
	// A result may be saved in a variable of such a name.
	if name := map[string]string{"int": "n", "string": "s", "error": "err"}[t]; name != "" && g.chance(50) && !g.inScope(name) {
		x := g.expr(t, 1)
		g.declare(name, t)
		g.emit("var %s %s = %s", name, t, x)
		v = name
	}
	if v == "" {
		return false
	}
	cond := map[string]string{"int": v + " > 1", "string": v + " != \"\"", "error": v + " == nil", "any": v + " != nil"}[t]
	if w := g.use("int"); w != "" && g.chance(20) {
		cond = fmt.Sprintf("%s && !(%s < 3)", cond, w)
	}
	g.depth++
	text := g.inBlock(nil, func() {
		if g.chance(50) {
			g.emit("defer rt.T(%d, %s)", g.next(), g.literal("int"))
		} else {
			g.deferred()
		}
	})
	g.depth--
	g.emit("if %s {\n%s\n}", cond, text)
	if w := g.variable(t, true); w != nil && g.chance(40) && !(g.calm && nilable(t)) {
		g.emit("%s = %s", w.name, g.literal(t))
	}
	return true
}

// withVars runs body, which emits one statement, with variables of its header.
func (g *gen) withVars(vars []*variable, body func()) {
	g.scope = &scope{outer: g.scope, vars: vars}
	body()
	g.scope = g.scope.outer
}

// under runs body with a label for it and returns the label to be written.
func (g *gen) under(kind string, body func(l *label)) string {
	l := &label{name: fmt.Sprint(pick(g, "L", "L", "exit", "loop"), g.next()), kind: kind}
	g.frame.labels = append(g.frame.labels, l)
	body(l)
	g.frame.labels = slices.Delete(g.frame.labels, len(g.frame.labels)-1, len(g.frame.labels))
	if l.used {
		return l.name + ":\n"
	}
	return ""
}

// loop generates one of the loops that all versions have.
func (g *gen) loop() bool {
	rounds := 1 + g.r.IntN(4)
	if g.mult*rounds > 100 {
		return false
	}
	name := g.fresh()
	var head, first string
	loopVar := param(name, "int")
	loopVar.fixed = true
	vars := []*variable{loopVar}
	switch g.r.IntN(12) {
	case 0:
		head = fmt.Sprintf("for %s := range [3]int{%d}", name, rounds)
		rounds = 3
	case 9:
		head = fmt.Sprintf("for _, %s := range \"a\\u00e9z\"[:%d]", name, rounds)
		loopVar.typ, loopVar.fixed = "rune", false
	case 10:
		ch := fmt.Sprint("ch", g.next())
		if !g.can("close") {
			return false
		}
		g.emit("%s := make(chan int, 2)\n%s <- %s\n%s <- %d\nclose(%s)", ch, ch, g.expr("int", 1), ch, rounds, ch)
		head = fmt.Sprintf("for %s := range %s", name, ch)
		rounds, loopVar.fixed = 2, false
	case 11:
		x := param(g.fresh(), "int")
		if x.name == name {
			return false
		}
		x.fixed = true
		vars = append(vars, x)
		head = fmt.Sprintf("for %s, %s := 0, %d; %s < %s; %s, %s = %s+1, %s-1", name, x.name, rounds, name, x.name, name, x.name, name, x.name)
	case 1:
		head = fmt.Sprintf("for _, %s := range []int{%d, %s}", name, rounds, g.expr("int", 1))
		rounds, loopVar.fixed = 2, false
	case 2:
		x := param(g.fresh(), "int")
		if x.name == name {
			return false
		}
		vars = append(vars, x)
		loopVar.typ = "string"
		head = fmt.Sprintf("for %s, %s := range map[string]int{\"m%d\": %d}", name, x.name, g.next(), rounds)
		rounds, loopVar.fixed = 1, false
	case 3:
		vars = nil
		c := fmt.Sprint("c", g.next())
		g.emit("%s := 0", c)
		head, first = "for", fmt.Sprintf("if %s++; %s > %d {\nbreak\n}\n", c, c, rounds)
		if g.chance(50) {
			head, first = fmt.Sprintf("for %s < %d", c, rounds), c+"++\n"
		}
	case 4:
		if g.minor < 22 {
			return false
		}
		head = fmt.Sprintf("for %s := range %d", name, rounds)
		loopVar.fixed = false
	default:
		head = fmt.Sprintf("for %s := 0; %s < %d; %s++", name, name, rounds, name)
	}
	g.times(rounds, func() {
		g.withVars(vars, func() { g.loopBody(head, first, loopVar) })
	})
	return true
}

func (g *gen) loopBody(head, first string, v *variable) {
	var body string
	name := g.under("loop", func(*label) { body = g.some(nil) })
	if v != nil && v.fixed && g.chance(10) && strings.Contains(head, ";") {
		first += v.name + "++\n"
	}
	g.emit("%s%s {\n%s%s\n}", name, head, first, body)
}

// rangeFunc generates a loop over an iterator.
func (g *gen) rangeFunc() bool {
	if g.mult*3 > 100 {
		return false
	}
	name := g.fresh()
	vars := []*variable{param(name, "int")}
	tok := ":="
	if v := g.variable("int", true); v != nil && g.chance(15) {
		name, tok, vars = v.name, "=", nil
	}
	var head string
	switch g.r.IntN(7) {
	case 0:
		head, vars = fmt.Sprintf("for range seq0(%d)", 1+g.r.IntN(3)), nil
	case 1:
		x := g.fresh()
		if x == name || tok == "=" {
			return false
		}
		vars = append(vars, param(x, "string"))
		head = fmt.Sprintf("for %s, %s := range seq2(%s, \"q\")", name, x, g.expr("string", 1))
	case 2:
		head = fmt.Sprintf("for %s %s range (&Q{%d}).All", name, tok, g.r.IntN(5))
	case 3:
		if g.chaos(60) {
			it := pick(g, "stubborn", "deaf", "leaky", "late")
			head = fmt.Sprintf("for %s %s range %s", name, tok, it)
			break
		}
		fallthrough
	default:
		head = fmt.Sprintf("for %s %s range seq(%d)", name, tok, 1+g.r.IntN(3))
	}
	g.times(3, func() {
		g.withVars(vars, func() { g.loopBody(head, "", nil) })
	})
	if strings.HasSuffix(head, "leaky") && g.chance(40) {
		g.emit("rt.Try(%d, func() { leaked(%d) })", g.next(), g.r.IntN(9))
	}
	return true
}

func (g *gen) switches() bool {
	switch g.r.IntN(3) {
	case 0:
		return g.typeSwitch()
	case 1:
		var conds []string
		for range 1 + g.r.IntN(3) {
			conds = append(conds, "case "+g.condition(1))
		}
		return g.switchOver("switch", conds, nil)
	}
	return g.switchOver("switch "+g.expr("int", 1), []string{"case 0", "case 1, 5", "case 2"}[:1+g.r.IntN(3)], nil)
}

func (g *gen) typeSwitch() bool {
	x := g.use(pick(g, "any", "error", "any", "I"))
	if x == "" {
		return false
	}
	t := g.lookup(x).typ
	cases := []string{"case S", "case N, *S"}
	switch t {
	case "any":
		cases = []string{"case int", "case string, N", "case error", "case S"}
	case "error":
		cases = []string{"case runtime.Error", "case interface{ Unwrap() error }"}
	}
	if g.can("nil") {
		cases = append(cases, "case nil")
	}
	g.r.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
	name := g.fresh()
	n := 1 + g.r.IntN(len(cases))
	for i := range cases[:n] {
		cases[i] += fmt.Sprintf(":\nrt.T(%d, %s)", g.next(), name)
	}
	// Its type differs from clause to clause: it hides what has its name.
	hidden := param(name, "?")
	return g.switchOver(fmt.Sprintf("switch %s := %s.(type)", name, x), cases[:n], hidden)
}

// switchOver generates a switch with the given clauses and perhaps a default.
// A type switch has a variable v.
func (g *gen) switchOver(head string, clauses []string, v *variable) bool {
	clauses = slices.Clone(clauses)
	if g.chance(50) {
		clauses = slices.Insert(clauses, g.r.IntN(len(clauses)+1), "default")
	}
	var b strings.Builder
	name := g.under("switch", func(*label) {
		for i, c := range clauses {
			if !strings.Contains(c, "\n") {
				c += ":"
			}
			var vars []*variable
			if v != nil {
				vars = append(vars, v)
			}
			b.WriteString(c + "\n" + g.some(vars) + "\n")
			if v == nil && i < len(clauses)-1 && g.chance(20) {
				b.WriteString("fallthrough\n")
			}
		}
	})
	g.emit("%s%s {\n%s}", name, head, b.String())
	return true
}

func (g *gen) selects() bool {
	ch := fmt.Sprint("ch", g.next())
	g.emit("%s := make(chan int, 1)\nif %s {\n%s <- %s\n}", ch, g.condition(0), ch, g.expr("int", 1))
	x := param(g.fresh(), "int")
	var text string
	name := g.under("switch", func(*label) {
		text = fmt.Sprintf("case %s := <-%s:\nrt.T(%d, %s)\n%s", x.name, ch, g.next(), x.name, g.some([]*variable{x}))
		text += "\ndefault:\n" + g.some(nil)
	})
	g.emit("%sselect {\n%s\n}", name, text)
	return true
}

// forward generates a block with gotos behind it.
func (g *gen) forward() bool {
	var text string
	var l *label
	g.under("forward", func(in *label) {
		l = in
		text = g.some(nil)
	})
	if !l.used {
		g.emit("if %s {\ngoto %s\n}", g.condition(0), l.name)
	}
	g.emit("{\n%s\n}\n%s:\nrt.T(%d)", text, l.name, g.next())
	return true
}

// backward generates a loop made of gotos.
func (g *gen) backward() bool {
	if g.mult*3 > 100 {
		return false
	}
	c := fmt.Sprint("c", g.next())
	g.emit("%s := 0", c)
	g.times(3, func() {
		l := &label{name: fmt.Sprint("back", g.next()), kind: "back", counter: c}
		g.frame.labels = append(g.frame.labels, l)
		g.emit("%s:\nrt.T(%d, %s)", l.name, g.next(), c)
		i := len(g.frame.labels)
		for range 1 + g.r.IntN(4) {
			if g.budget > 0 && !g.block.done {
				g.statement()
			}
		}
		g.frame.labels = slices.Delete(g.frame.labels, i-1, i)
		g.emit("if %s < 2 {\n%s++\ngoto %s\n}", c, c, l.name)
	})
	return true
}

// iife calls a literal at once.
func (g *gen) iife() bool {
	g.emit("%s(%s)", g.literalFunc([]string{"int"}, nil, false, 6), g.expr("int", 1))
	return true
}

// goroutine starts one and waits for it.
func (g *gen) goroutine() bool {
	done := fmt.Sprint("done", g.next())
	frame := &frame{outer: g.frame}
	g.frame = frame
	body := g.some(nil)
	g.frame = frame.outer
	g.emit("%s := make(chan struct{})\ngo func() {\ndefer func() { %s <- struct{}{} }()\ndefer %s(%d)\n%s\n}()\n<-%s",
		done, done, pick(g, "caught", "rt.Catch"), g.next(), body, done)
	return true
}

// locks holds a mutex till the end of the function.
func (g *gen) locks() bool {
	if g.minor < 18 {
		return false
	}
	mu := fmt.Sprint("mu", g.next())
	g.emit("var %s sync.Mutex\ndefer func() { rt.T(%d, %s.TryLock()) }()", mu, g.next(), mu)
	g.emit("if %s.TryLock() {\ndefer %s.Unlock()\n%s\n}", mu, mu, g.some(nil))
	return true
}
