package random

import (
	"fmt"
	"slices"
	"strings"
)

// prelude declares the types and leaf functions that each program has.
const prelude = `
type S struct {
	A int
	B string
	F [2]int
}

type E struct {
	N int
	H func(int) int
}

type P struct {
	S
	*E
	X int
}

type W struct{ I }

type N int

type Q struct{ Z int }

type F func(int) int

type I interface {
	M0(a int) int
	M1(s string, xs ...int) int
}

type G[T any] struct {
	V T
	n int
}

func (g G[T]) Get(a int) T  { rt.T(90, "G.Get", g.V, g.n, a); return g.V }
func (g *G[T]) Set(v T)     { rt.T(91, "G.Set", g.V, g.n); g.V = v; g.n++ }
func (n N) M0(a int) int    { rt.T(92, "N.M0", n, a); return int(n) + a }
func (n N) M1(s string, xs ...int) int { rt.T(93, "N.M1", n, s, xs); return len(xs) }
func (q *Q) M0(a int) int   { rt.T(94, "Q.M0", q.Z, a); q.Z += a; return q.Z }
func (f F) Call(a int)      { rt.T(97, "F.Call", f(a)) }
func (f F) With(b int) F    { return func(a int) int { return f(a) + b } }
func (e E) EV(a int) int    { rt.T(95, "E.EV", e.N, a); return e.N }
func (e *E) EP(s string)    { rt.T(96, "E.EP", e.N, s); e.N++ }

func two(a int) (int, string)     { rt.T(80, "two", a); return a, "two" }
func three(s string) (int, string, error) { rt.T(81, "three", s); return len(s), s, rt.Err(81) }
func adder(a int) func(int) int   { rt.T(82, "adder", a); return func(b int) int { rt.T(83, a, b); return a + b } }
func maker(s string) func()       { rt.T(84, "maker", s); return func() { rt.T(85, "made", s) } }
func open(a int) (int, func())    { rt.T(86, "open", a); return a, func() { rt.T(87, "closed", a) } }
func sum(s string, xs ...int) int { n := 0; for _, x := range xs { n += x }; rt.T(88, s, xs, n); return n }
func shows(xs ...any)             { rt.T(89, xs...) }
func bump(p *int)                 { *p += 3; rt.T(79, *p) }
func ident[T any](v T) T          { rt.T(78, v); return v }
func pair[K comparable, V any](k K, v V) (V, K) { rt.T(77, k, v); return v, k }
func showI[T I](v T, a int)       { rt.T(76, "showI", v); v.M0(a) }
func caught(id int) { if r := recover(); r != nil { rt.T(id, "caught", r) } }
func swallow() { recover() }
func later(id int) { defer caught(id); rt.T(id, "later") }

var gA, gB = 1, 2
var gS = "g"
`

// iterators need range-over-func.
const iterators = `
func seq(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer rt.T(70, "seq ends", n)
		for i := 0; i < n; i++ {
			if !yield(i) {
				rt.T(71, "seq stops", i)
				return
			}
		}
	}
}

func seq0(n int) func(func() bool) {
	return func(yield func() bool) {
		for ; n > 0 && yield(); n-- {
		}
		rt.T(72, "seq0 ends", n)
	}
}

func seq2[T any](xs ...T) func(func(int, T) bool) {
	return func(yield func(int, T) bool) {
		defer func() { rt.T(73, "seq2 ends", recover()) }()
		for i, x := range xs {
			if !yield(i, x) {
				return
			}
		}
	}
}

func (q *Q) All(yield func(int) bool) {
	_ = yield(q.Z) && yield(q.Z+1) && yield(q.Z+2)
	rt.T(75, "Q.All ends")
}
`

// rude iterators break the rules.
const rude = `
var leaked func(int) bool

func stubborn(yield func(int) bool) {
	defer rt.T(65, "stubborn ends")
	yield(1)
	yield(2)
}

func deaf(yield func(int) bool) {
	defer func() { recover() }()
	yield(1)
	yield(2)
}

func leaky(yield func(int) bool) {
	leaked = yield
	yield(1)
}

func late(yield func(int) bool) {
	defer func() { defer swallow(); rt.T(67, yield(7)) }()
	yield(1)
}
`

// known are the functions of the prelude that may be called.
var known = []*fn{
	{name: "two", params: []string{"int"}, results: []string{"int", "string"}, cost: 1},
	{name: "three", params: []string{"string"}, results: []string{"int", "string", "error"}, cost: 1},
	{name: "adder", params: []string{"int"}, results: []string{"func(int) int"}, cost: 1},
	{name: "maker", params: []string{"string"}, results: []string{"func()"}, cost: 1},
	{name: "open", params: []string{"int"}, results: []string{"int", "func()"}, cost: 1},
	{name: "sum", params: []string{"string", "[]int"}, variadic: true, results: []string{"int"}, cost: 3},
	{name: "shows", params: []string{"[]any"}, variadic: true, cost: 1},
	{name: "ident[int]", params: []string{"int"}, results: []string{"int"}, cost: 1},
	{name: "ident[S]", params: []string{"S"}, results: []string{"S"}, cost: 1},
	{name: "ident[any]", params: []string{"any"}, results: []string{"any"}, cost: 1},
	{name: "pair[int, string]", params: []string{"int", "string"}, results: []string{"string", "int"}, cost: 1},
	{name: "pair[string, error]", params: []string{"string", "error"}, results: []string{"error", "string"}, cost: 1},
	{name: "N.M0", params: []string{"N", "int"}, results: []string{"int"}, cost: 1},
	{name: "S.M0", params: []string{"S", "int"}, results: []string{"int"}, cost: 1},
	{name: "I.M0", params: []string{"I", "int"}, results: []string{"int"}, cost: 30},
	{name: "E.EV", params: []string{"E", "int"}, results: []string{"int"}, cost: 1},
	{name: "(*G[int]).Set", params: []string{"*G[int]", "int"}, cost: 1},
	{name: "(*P).EP", params: []string{"*P", "string"}, cost: 1},
	{recv: "G[int]", name: "Get", params: []string{"int"}, results: []string{"int"}, cost: 1},
	{recv: "*G[int]", name: "Set", params: []string{"int"}, cost: 1},
	{recv: "E", name: "EV", params: []string{"int"}, results: []string{"int"}, cost: 1},
	{recv: "*E", name: "EP", params: []string{"string"}, cost: 1},
	{recv: "N", name: "M0", params: []string{"int"}, results: []string{"int"}, cost: 1},
	{recv: "N", name: "M1", params: []string{"string", "[]int"}, variadic: true, results: []string{"int"}, cost: 1},
	{recv: "I", name: "M0", params: []string{"int"}, results: []string{"int"}, cost: 30},
	{recv: "I", name: "M1", params: []string{"string", "[]int"}, variadic: true, results: []string{"int"}, cost: 30},
}

// varTypes are those of variables and parameters, the frequent ones more often.
var varTypes = []string{
	"int", "int", "int", "int", "string", "string", "bool", "error", "error", "any", "any",
	"S", "*S", "[2]int", "[]int", "map[string]int", "func()", "func(int) int", "func(int) int",
	"I", "I", "G[int]", "*G[int]", "P", "*P", "*int", "E", "N", "W",
}

// resultTypes are the result lists of functions; few, so that `return f()` finds
// an f.
var resultTypes = [][]string{
	nil, nil, {"int"}, {"int"}, {"int", "error"}, {"int", "error"}, {"int", "string"}, {"int", "string", "error"},
	{"error"}, {"S"}, {"any"}, {"[2]int", "int"}, {"func()"}, {"int", "int"}, {"int", "func()"}, {"I", "*int", "bool"},
	{"*S"}, {"P"}, {"string", "int", "int", "any"},
}

func (g *gen) program(name string) string {
	g.id = 100
	g.fns = slices.Clone(known)
	dynamic := slices.DeleteFunc(slices.Clone(known), func(f *fn) bool { return !f.dynamic() })
	g.fns = slices.DeleteFunc(g.fns, (*fn).dynamic)
	g.method("S", "M0", []string{"int"}, false, []string{"int"})
	g.method("S", "M1", []string{"string", "[]int"}, true, []string{"int"})
	g.method("*Q", "M1", []string{"string", "[]int"}, true, []string{"int"})
	g.methods = true
	g.fns = append(g.fns, dynamic...)
	g.method("*S", "PS", []string{pick(g, varTypes...)}, false, pick(g, resultTypes...))
	g.method("P", "PV", []string{pick(g, varTypes...), pick(g, varTypes...)}, false, pick(g, resultTypes...))
	for range 2 + g.r.IntN(4) {
		if g.chance(25) {
			g.generic()
		} else {
			g.function()
		}
	}
	more := ""
	if g.strconv {
		more = "\"strconv\"\n"
	}
	src := "package " + name + "\n\nimport (\n\"random/rt\"\n\"runtime\"\n" + more + "\"sync\"\n)\n\nvar _ = runtime.Goexit\nvar _ sync.Mutex\n" + prelude
	if g.minor >= 23 {
		src += iterators
		if !g.calm {
			src += rude
		}
	}
	src += strings.Join(g.decls, "\n\n")
	return src + "\n\nfunc Run() {\n" + strings.Join(g.runs, "\n") + "\n}\n"
}

// dynamic reports whether a call of f may call the generated methods that
// implement I.
func (f *fn) dynamic() bool { return f.recv == "I" || f.name == "S.M0" || f.name == "I.M0" }

// paramList returns parameters of the given types with names.
func (g *gen) paramList(types []string) []*variable {
	var list []*variable
	for _, t := range types {
		list = append(list, param(g.resultName(list), t))
	}
	return list
}

// method generates a method and makes it known.
func (g *gen) method(recv, name string, params []string, variadic bool, results []string) {
	f := &fn{name: name, recv: recv, params: params, variadic: variadic, results: results}
	r := param(pick(g, "s", "r", "recv", "x"), recv)
	g.declaration(f, []*variable{r}, "", 5+g.r.IntN(8))
	g.fns = append(g.fns, f)
}

// function generates a function and the scenarios that call it.
func (g *gen) function() {
	f := &fn{name: fmt.Sprint("f", g.next()), results: pick(g, resultTypes...)}
	for range g.r.IntN(4) {
		f.params = append(f.params, pick(g, varTypes...))
	}
	switch {
	case g.chance(10):
		f.params, f.variadic = append(f.params, pick(g, "[]int", "[]any")), true
	case g.chance(15):
		g.self, f.deep = f, true
	}
	g.declaration(f, nil, "", 8+g.r.IntN(28))
	g.self = nil
	g.fns = append(g.fns, f)
	g.scenarios(f)
}

// generic generates a generic function, known by one or two instances.
func (g *gen) generic() {
	name := fmt.Sprint("f", g.next())
	constraint := pick(g, "any", "I", "comparable", "~int | ~string")
	results := pick(g, []string{"T"}, []string{"T", "error"}, nil, []string{"int", "error"}, []string{"int"})
	f := &fn{name: name, params: []string{"T", pick(g, varTypes...)}, results: results}
	g.declaration(f, nil, "[T "+constraint+"]", 8+g.r.IntN(15))
	args := map[string][]string{"any": {"int", "S", "error"}, "I": {"S", "N", "I"}, "comparable": {"string", "int"}, "~int | ~string": {"int", "N", "string"}}
	for _, arg := range args[constraint] {
		if g.chance(40) || g.calm && arg == "I" {
			continue
		}
		inst := *f
		inst.name += "[" + arg + "]"
		inst.params, inst.results = subst(f.params, arg), subst(f.results, arg)
		g.fns = append(g.fns, &inst)
		g.scenarios(&inst)
	}
}

func subst(list []string, arg string) []string {
	list = slices.Clone(list)
	for i, t := range list {
		if t == "T" {
			list[i] = arg
		}
	}
	return list
}

// declaration generates f with a body of about budget statements.
func (g *gen) declaration(f *fn, recv []*variable, tparams string, budget int) {
	g.hidden = map[string]bool{}
	g.budget, g.cost, g.mult, g.depth = budget, 1, 1, 0
	g.scope = nil
	params := g.paramList(f.params)
	params = slices.DeleteFunc(params, func(v *variable) bool { return len(recv) > 0 && v.name == recv[0].name })
	for len(params) < len(f.params) { // its name was the receiver's
		params = g.paramList(f.params)
		for _, p := range params {
			p.name = fmt.Sprint("p", g.next())
		}
	}
	results := g.results(f.results, append(slices.Clone(recv), params...))
	vars := slices.Concat(recv, params, results)
	sig := signature(params, f.variadic)
	if f.deep {
		sig = strings.Replace(sig, "(", "(depth int, ", 1)
	}
	body := g.body(vars, results, false)
	r := ""
	if len(recv) > 0 {
		r = signature(recv, false) + " "
	}
	g.decls = append(g.decls, fmt.Sprintf("func %s%s%s%s %s {\n%s\n}", r, f.name, tparams, sig, resultList(results), body))
	f.cost = g.cost
	if f.deep {
		f.cost *= 4
	}
}

// body generates the statements of a function or literal.
func (g *gen) body(vars, results []*variable, deferred bool) string {
	hidden, depth := g.hidden, g.depth
	g.hidden = map[string]bool{}
	for name := range hidden {
		g.hidden[name] = true
	}
	for _, v := range vars {
		if slices.Contains(hideable, v.name) {
			g.hidden[v.name] = true
		}
	}
	g.frame = &frame{outer: g.frame, results: results, deferred: deferred}
	named := slices.DeleteFunc(slices.Clone(vars), func(v *variable) bool { return v.name == "" })
	g.frame.late = g.chance(8) || g.calm && g.chance(25)
	text := g.inBlock(named, func() {
		g.statements()
		if g.frame.late {
			g.lateDefers()
		} else {
			g.ending()
		}
	})
	g.frame = g.frame.outer
	g.hidden, g.depth = hidden, depth
	return text
}

// scenarios calls f from Run, a few times.
func (g *gen) scenarios(f *fn) {
	g.hidden = map[string]bool{}
	g.cost, g.mult, g.budget, g.depth = 0, 1, 0, 9
	for i := range 1 + g.r.IntN(3) {
		var call, names string
		g.scope = nil
		text := g.inBlock(nil, func() {
			g.frame = &frame{}
			call = g.callText(f, "")
			for i := range f.results {
				names += fmt.Sprintf(", r%d", i)
			}
			if names != "" {
				call = names[2:] + " := " + call
			}
			g.emit("%s\nrt.T(%d%s, gA, gB, gS)", call, g.next(), names)
		})
		g.frame = nil
		g.runs = append(g.runs, fmt.Sprintf("rt.Scenario(\"%s/%d\", %d, func() {\n%s\n})", f.name, i, g.r.IntN(1000), text))
	}
}
