package random

import (
	"fmt"
	"slices"
	"strings"
)

// expr generates an expression of type typ, nested at most d deep.
func (g *gen) expr(typ string, d int) string {
	text := ""
	set := func(s string) bool {
		text = s
		return s != ""
	}
	list := []production{
		{30, func() bool { return set(g.use(typ)) }},
		{8, func() bool { return set(g.literal(typ)) }},
	}
	if d > 0 {
		list = append(list,
			production{6, func() bool { return set(g.operation(typ, d-1)) }},
			production{4, func() bool { return set(g.callFor([]string{typ})) }},
			production{1, func() bool { return set(g.immediate(typ)) }})
	}
	g.try(list)
	return text
}

// use reads a variable.
func (g *gen) use(typ string) string {
	v := g.variable(typ, false)
	if v == nil {
		return ""
	}
	return v.name
}

func (g *gen) exprs(types []string, d int) string {
	var list []string
	for _, t := range types {
		list = append(list, g.expr(t, d))
	}
	return strings.Join(list, ", ")
}

// literal generates a value of type typ out of nothing.
func (g *gen) literal(typ string) string {
	n := g.r.IntN(9)
	if g.can("nil") && g.chaos(10) {
		if (nilable(typ) && typ != "P" && typ != "W") || slices.Contains([]string{"[]int", "error", "any"}, typ) {
			return "nil"
		}
	}
	switch typ {
	case "int":
		return pick(g, fmt.Sprint(n), fmt.Sprintf("rt.Int(%d)", g.next()))
	case "string":
		return fmt.Sprintf("%q", fmt.Sprint("s", g.next()))
	case "bool":
		return g.condition(0)
	case "error":
		return fmt.Sprintf("rt.Err(%d)", g.next())
	case "any":
		t := pick(g, "int", "string", "error", "S", "N")
		return g.toAny(t, g.literal(t))
	case "S":
		return fmt.Sprintf("S{A: %d}", n)
	case "*S":
		return fmt.Sprintf("&S{B: \"b%d\"}", n)
	case "E":
		return pick(g, fmt.Sprintf("E{N: %d}", n), "E{H: adder(1)}")
	case "P":
		return fmt.Sprintf("P{E: &E{N: %d}, X: %d}", n, n+1)
	case "*P":
		return "&" + g.literal("P")
	case "W":
		return "W{" + g.literal("I") + "}"
	case "N":
		return fmt.Sprintf("N(%d)", n)
	case "I":
		return pick(g, g.literal("S"), g.literal("N"), fmt.Sprintf("&Q{%d}", n), g.literal("*S"))
	case "G[int]":
		return fmt.Sprintf("G[int]{V: %d}", n)
	case "*G[int]":
		return fmt.Sprintf("&G[int]{V: %d}", n)
	case "[2]int":
		return fmt.Sprintf("[2]int{%d, %d}", n, n+1)
	case "[]int":
		return fmt.Sprintf("[]int{%d, %d, %d}", n, n+1, n+2)
	case "[]any":
		return fmt.Sprintf("[]interface{}{%d, \"x\"}", n)
	case "map[string]int":
		return fmt.Sprintf("map[string]int{\"a\": %d}", n)
	case "*int":
		return fmt.Sprintf("rt.Ptr(%d)", n)
	case "func()":
		return fmt.Sprintf("func() { rt.T(%d) }", g.next())
	case "func(int) int":
		return pick(g, fmt.Sprintf("adder(%d)", n), fmt.Sprintf("func(z int) int { rt.T(%d, z); return z + %d }", g.next(), n), "N(2).M0")
	case "func(*int)":
		if g.can("bump") {
			return "bump"
		}
	}
	return fmt.Sprintf("*new(%s)", typ) // T, or a local type
}

// nilable reports whether the zero value of typ makes a method, an index or a
// call panic.
func nilable(typ string) bool {
	switch typ {
	case "*S", "*P", "P", "W", "*int", "*G[int]", "I", "func()", "func(int) int", "map[string]int":
		return true
	}
	return false
}

// canType reports whether typ can be spelled here.
func (g *gen) canType(typ string) bool {
	return !(typ == "bool" && !g.can("bool") || strings.Contains(typ, "any") && !g.can("any"))
}

// typ returns a type for a new variable.
func (g *gen) typ() string {
	for {
		if t := pick(g, varTypes...); g.canType(t) {
			return t
		}
	}
}

// toAny writes x, of type typ, as something of an interface type: nil alone
// would do for an argument, but not elsewhere.
func (g *gen) toAny(typ, x string) string {
	if x == "nil" {
		return "error(nil)"
	}
	return x
}

// condition generates a bool.
func (g *gen) condition(d int) string {
	switch g.r.IntN(8) {
	case 0:
		if d > 0 {
			return g.expr("int", d-1) + pick(g, " > ", " < ", " == ", " != ") + g.expr("int", d-1)
		}
	case 1:
		if d > 0 {
			return g.condition(d-1) + pick(g, " && ", " || ") + g.condition(d-1)
		}
	case 2:
		if v := g.variable("error", false); v != nil && g.can("nil") {
			return v.name + pick(g, " == ", " != ") + "nil"
		}
	case 3:
		if v := g.use("bool"); v != "" {
			return pick(g, "", "!") + v
		}
	case 4:
		return fmt.Sprintf("rt.Rare(%d)", g.next())
	}
	return fmt.Sprintf("rt.Coin(%d)", g.next())
}

// operation generates an operator, selector, index or conversion.
func (g *gen) operation(typ string, d int) string {
	switch typ {
	case "int":
		return g.intOperation(d)
	case "string":
		return pick(g, "rt.Cut("+g.expr("string", d)+" + "+g.expr("string", d)+")", g.field("S", "B"), "gS")
	case "bool":
		return "(" + g.condition(d) + ")"
	case "any":
		t := pick(g, "int", "string", "error", "S", "*S", "[2]int", "N", "I")
		return g.toAny(t, g.expr(t, d))
	case "S":
		return pick(g, g.field("P", "S"), g.deref("*S"))
	case "*S":
		return g.address("S")
	case "*P":
		return g.address("P")
	case "*int":
		return g.address("int")
	case "*G[int]":
		return g.address("G[int]")
	case "I":
		t := pick(g, "S", "*S", "N", "P", "W")
		return g.expr(t, d)
	case "N":
		return "N(" + g.expr("int", d) + ")"
	case "[2]int":
		return pick(g, g.field("S", "F"), fmt.Sprintf("[2]int{%s, %s}", g.expr("int", d), g.expr("int", d)))
	case "[]int":
		return fmt.Sprintf("[]int{%s, %s}", g.expr("int", d), g.expr("int", d))
	case "func()":
		return g.methodValue(nil)
	case "func(int) int":
		return g.methodValue([]string{"int"})
	}
	return ""
}

func (g *gen) intOperation(d int) string {
	switch g.r.IntN(9) {
	case 0:
		return g.field(pick(g, "S", "*S", "P"), pick(g, "A", "F[1]"))
	case 1:
		if v := g.use("[2]int"); v != "" {
			return fmt.Sprintf("%s[%s&1]", v, g.expr("int", d))
		}
	case 2:
		if x := g.expr(pick(g, "string", "map[string]int", "[]int"), d); x != "nil" {
			return "len(" + x + ")"
		}
	case 3:
		return pick(g, "gA", "gB")
	case 4:
		return g.deref("*int")
	case 5:
		if v := g.use("map[string]int"); v != "" {
			return v + `["a"]`
		}
	case 6:
		return g.risky(d)
	}
	return "(" + g.expr("int", d) + pick(g, " + ", " - ", " ^ ", " * ") + g.expr("int", d) + ")"
}

// risky generates an int expression that may panic.
func (g *gen) risky(d int) string {
	if g.calm {
		return ""
	}
	switch g.r.IntN(4) {
	case 0:
		return fmt.Sprintf("(%s / rt.Int(%d))", g.expr("int", d), g.next())
	case 1:
		if v := g.use("[]int"); v != "" {
			return fmt.Sprintf("%s[rt.Int(%d)]", v, g.next())
		}
	case 2:
		if v := g.use("any"); v != "" {
			return v + ".(int)"
		}
	}
	return g.field(pick(g, "P", "*P"), "N") // through a pointer
}

func (g *gen) field(typ, name string) string {
	if v := g.use(typ); v != "" {
		return v + "." + name
	}
	return ""
}

func (g *gen) deref(typ string) string {
	if v := g.use(typ); v != "" {
		return "*" + v
	}
	return ""
}

func (g *gen) address(typ string) string {
	if v := g.variable(typ, true); v != nil {
		return "&" + v.name
	}
	return ""
}

// methodValue generates x.M of type func(params), or func(int) int.
func (g *gen) methodValue(params []string) string {
	if params == nil {
		return fmt.Sprintf("maker(%s)", g.expr("string", 0))
	}
	t := "N"
	if g.methods {
		t = pick(g, "S", "*S", "I", "P", "N", "W", "*P")
	}
	if v := g.use(t); v != "" {
		return v + ".M0"
	}
	return ""
}

// immediate generates a literal that is called at once.
func (g *gen) immediate(typ string) string {
	if g.depth > 3 || g.budget < 2 || !g.canType(typ) {
		return ""
	}
	return g.literalFunc(nil, []string{typ}, false, 2) + "()"
}

// literalFunc generates a function literal with about budget statements.
func (g *gen) literalFunc(params, results []string, deferred bool, budget int) string {
	pure := g.pure
	text := g.literalText(params, results, deferred, budget)
	g.pure = pure
	return text
}

func (g *gen) literalText(params, results []string, deferred bool, budget int) string {
	ps := g.paramList(params)
	rs := g.results(results, ps)
	rest := g.budget - budget
	g.budget = min(g.budget, budget)
	g.depth++
	text := g.body(slices.Concat(ps, rs), rs, deferred)
	g.depth--
	g.budget += max(rest, 0)
	return fmt.Sprintf("func%s %s {\n%s\n}", signature(ps, false), resultList(rs), text)
}

// callable lists what has the given results and can be called here.
func (g *gen) callable(ok func(*fn) bool) []*fn {
	var list []*fn
	for _, f := range g.fns {
		base, _, _ := strings.Cut(f.name, "[")
		if g.afford(f.cost) && ok(f) && g.can(base) && (g.can("any") || !strings.Contains(f.name, "any")) {
			list = append(list, f)
		}
	}
	return list
}

// callFor generates a call with the given results.
func (g *gen) callFor(results []string) string {
	if len(results) == 1 && results[0] == "int" && g.chance(20) {
		if f := g.funcVariable("func(int) int"); f != "" {
			return f + "(" + g.expr("int", 0) + ")"
		}
	}
	list := g.callable(func(f *fn) bool { return slices.Equal(f.results, results) })
	for range 3 {
		if len(list) == 0 {
			return ""
		}
		if text := g.callText(pick(g, list...), ""); text != "" {
			return text
		}
	}
	return ""
}

// funcVariable returns a variable of a function type that may be called.
func (g *gen) funcVariable(typ string) string {
	if g.pure || !g.afford(15) {
		return ""
	}
	list := g.visible(func(v *variable) bool { return v.typ == typ && g.afford(v.cost) })
	if len(list) == 0 {
		return ""
	}
	v := pick(g, list...)
	g.pay(v.cost)
	return v.name
}

// callText generates a call of f, or "" where there is no receiver. The
// receiver may be given.
func (g *gen) callText(f *fn, recv string) string {
	fun := f.name
	if f.recv != "" {
		if recv == "" {
			recv = g.receiver(f.recv)
		}
		if recv == "" {
			return ""
		}
		fun = recv + "." + f.name
	}
	g.pay(f.cost)
	if f.deep {
		return fmt.Sprintf("%s(%s)", fun, strings.TrimSuffix(fmt.Sprintf("%d, %s", g.r.IntN(4), g.exprs(f.params, 1)), ", "))
	}
	return fun + "(" + g.arguments(f) + ")"
}

// arguments generates arguments for f: at times the results of a call.
func (g *gen) arguments(f *fn) string {
	params := f.params
	if len(params) > 1 && !f.variadic && g.chance(20) {
		if call := g.spread(params); call != "" {
			return call
		}
	}
	if !f.variadic {
		return g.exprs(params, 1)
	}
	last := params[len(params)-1]
	list := params[:len(params)-1]
	if g.chance(30) {
		text := g.exprs(params, 1)
		return text + "..."
	}
	list = slices.Clone(list)
	for range g.r.IntN(4) {
		list = append(list, strings.TrimPrefix(last, "[]"))
	}
	return g.exprs(list, 1)
}

func (g *gen) spread(params []string) string {
	list := g.callable(func(f *fn) bool { return f.recv == "" && !f.variadic && !f.deep && slices.Equal(f.results, params) })
	if len(list) == 0 {
		return ""
	}
	f := pick(g, list...)
	g.pay(f.cost)
	return f.name + "(" + g.exprs(f.params, 0) + ")"
}

// receivers are the types whose variables have a method of the receiver type.
var receivers = map[string][]string{
	"S":       {"S", "*S", "P", "*P"},
	"*S":      {"S", "*S", "P", "*P"},
	"P":       {"P", "*P"},
	"E":       {"E", "P", "*P"},
	"*E":      {"E", "P", "*P"},
	"N":       {"N"},
	"I":       {"I", "W", "S", "P", "N"},
	"G[int]":  {"G[int]", "*G[int]"},
	"*G[int]": {"G[int]", "*G[int]"},
}

// receiver generates an operand for a method of type typ.
func (g *gen) receiver(typ string) string {
	list := receivers[typ]
	if len(list) == 0 {
		return ""
	}
	if g.chance(15) {
		t := list[len(list)-1]
		if x := g.literal(t); x != "nil" {
			return "(" + x + ")"
		}
	}
	return g.use(pick(g, list...))
}
