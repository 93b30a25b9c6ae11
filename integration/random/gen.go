package random

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Program is one generated package.
type Program struct {
	Seed int64
	Name string // of the package
	Calm bool   // neither panics nor calls Goexit
	Src  string
	Head string // a build constraint that changes the file's language version, or ""
}

// limit bounds the statements that one call of a generated function executes.
const limit = 3000

// A gen generates one package.
type gen struct {
	r     *rand.Rand
	minor int // language version 1.minor
	calm  bool

	id    int // last number of a trace, coin or fresh name
	fns   []*fn
	decls []string
	runs  []string

	methods bool // those of interface I have been generated and may be called
	strconv bool // is imported

	// of the function being generated:
	frame  *frame
	scope  *scope
	block  *block
	budget int             // statements left
	depth  int             // nesting of statements
	cost   int             // statements executed, estimated
	mult   int             // how often the current statement is executed
	hidden map[string]bool // predeclared names that it declares otherwise
	pure   bool            // no call of a function variable: it might lead back here
	self   *fn             // it may call itself, with a smaller depth; or nil
}

// An fn is a generated function that may be called.
type fn struct {
	name     string
	recv     string   // type of the receiver, or ""
	params   []string // types
	variadic bool     // the last parameter is ...T, written as []T
	results  []string
	cost     int
	deep     bool // has the bound of its recursion as first parameter
}

// A frame is a function or function literal being generated.
type frame struct {
	outer    *frame
	results  []*variable
	labels   []*label
	deferred bool // a literal that is called by defer
	late     bool // no defer statement comes before the last block
	eager    bool // this is the last block
}

// A variable is one in scope, or a result.
type variable struct {
	name, typ string
	fixed     bool // must not be assigned: a loop counter
	cost      int  // of calling it
}

type scope struct {
	outer *scope
	vars  []*variable
}

type block struct {
	lines []string
	done  bool // the last statement was a jump
}

// Generate returns the program of a seed, for a module that says go 1.minor.
// What the generator gets wrong, for it knows less than a compiler, is drawn
// again.
func Generate(seed int64, name string, minor int) (p Program, err error) {
	for attempt := range 5 {
		if p, err = generate(seed, attempt, name, minor); err == nil {
			break
		}
	}
	return p, err
}

func generate(seed int64, attempt int, name string, minor int) (Program, error) {
	g := &gen{r: rand.New(rand.NewPCG(uint64(seed), uint64(minor+attempt<<16))), minor: minor, hidden: map[string]bool{}}
	g.calm = g.chance(40)
	head := ""
	if minor > 21 && g.chance(10) {
		g.minor = 21
		head = "//go:build go1.21\n\n"
	}
	src := g.program(name)
	text, err := format.Source([]byte(src))
	if err == nil {
		src, err = tidy(string(text), g.minor)
	}
	if err != nil {
		return Program{}, fmt.Errorf("seed %d, go 1.%d: %v\n%s", seed, minor, err, src)
	}
	if g.chance(50) {
		src = sprinkle(src, g.r)
	}
	return Program{Seed: seed, Name: name, Calm: g.calm, Src: src, Head: head}, nil
}

func (g *gen) chance(percent int) bool { return g.r.IntN(100) < percent }

// chaos reports whether to do something that may panic.
func (g *gen) chaos(percent int) bool { return !g.calm && g.chance(percent) }

func (g *gen) next() int {
	g.id++
	return g.id
}

func pick[T any](g *gen, list ...T) T { return list[g.r.IntN(len(list))] }

// A production generates something, or reports that it cannot here.
type production struct {
	weight int
	gen    func() bool
}

// try runs productions in random order until one succeeds.
func (g *gen) try(list []production) bool {
	list = slices.Clone(list)
	for len(list) > 0 {
		total := 0
		for _, p := range list {
			total += p.weight
		}
		n := g.r.IntN(total)
		i := 0
		for n >= list[i].weight {
			n -= list[i].weight
			i++
		}
		if list[i].gen() {
			return true
		}
		list = slices.Delete(list, i, i+1)
	}
	return false
}

func (g *gen) emit(format string, args ...any) {
	g.block.lines = append(g.block.lines, fmt.Sprintf(format, args...))
}

// inBlock runs body for a new block and scope and returns the block's text
// without braces.
func (g *gen) inBlock(vars []*variable, body func()) string {
	b, s := g.block, g.scope
	g.block, g.scope = &block{}, &scope{outer: s, vars: vars}
	body()
	text := strings.Join(g.block.lines, "\n")
	g.block, g.scope = b, s
	return text
}

// declare adds a variable to the innermost scope.
func (g *gen) declare(name, typ string) *variable {
	v := &variable{name: name, typ: typ, cost: 15}
	g.scope.vars = append(g.scope.vars, v)
	return v
}

// param returns a variable that the caller adds to a scope.
func param(name, typ string) *variable {
	return &variable{name: name, typ: typ, cost: 15}
}

var pool = []string{
	"a", "b", "c", "x", "y", "n", "s", "err", "ok", "v", "i", "k",
	"active", "result", "arg", "exit", "next", "p", "r", "deferred", "recv",
	"dedefer", "x1", "n1", "result1", "records", "rec", "t", "fn", "done", "Panic",
}

// fresh returns a name that is new in the innermost scope.
func (g *gen) fresh() string {
	for range 5 {
		if name := pick(g, pool...); !g.inScope(name) {
			return name
		}
	}
	return fmt.Sprint("v", g.next())
}

func (g *gen) inScope(name string) bool {
	return slices.ContainsFunc(g.scope.vars, func(v *variable) bool { return v.name == name })
}

// lookup returns what name means here.
func (g *gen) lookup(name string) *variable {
	for s := g.scope; s != nil; s = s.outer {
		for _, v := range s.vars {
			if v.name == name {
				return v
			}
		}
	}
	return nil
}

// visible lists the variables for which ok holds.
func (g *gen) visible(ok func(*variable) bool) []*variable {
	var list []*variable
	seen := map[string]bool{}
	for s := g.scope; s != nil; s = s.outer {
		for _, v := range s.vars {
			if !seen[v.name] && v.name != "_" && ok(v) {
				list = append(list, v)
			}
		}
		for _, v := range s.vars {
			seen[v.name] = true
		}
	}
	return list
}

// variable returns a variable of type typ, or nil.
func (g *gen) variable(typ string, assign bool) *variable {
	list := g.visible(func(v *variable) bool { return v.typ == typ && !(assign && v.fixed) })
	if len(list) == 0 {
		return nil
	}
	if i := g.r.IntN(len(list) * 2); i < len(list) {
		return list[i]
	}
	return list[min(g.r.IntN(len(list)), g.r.IntN(len(list)))]
}

// afford reports whether something that costs c may be done here.
func (g *gen) afford(c int) bool { return g.cost+g.mult*c <= limit }

func (g *gen) pay(c int) { g.cost += g.mult * c }

// times generates what a loop of at most n rounds repeats.
func (g *gen) times(n int, body func()) {
	m := g.mult
	g.mult *= n
	body()
	g.mult = m
}

// signature writes a parameter or result list.
func signature(vars []*variable, variadic bool) string {
	var parts []string
	for i, v := range vars {
		t := v.typ
		if variadic && i == len(vars)-1 {
			t = "..." + strings.TrimPrefix(t, "[]")
		}
		if v.name != "" {
			t = v.name + " " + t
		}
		parts = append(parts, t)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func resultList(vars []*variable) string {
	switch {
	case len(vars) == 0:
		return ""
	case len(vars) == 1 && vars[0].name == "":
		return vars[0].typ
	}
	return signature(vars, false)
}

// results returns variables for results of the given types: all with names,
// or none.
func (g *gen) results(types []string, taken []*variable) []*variable {
	var list []*variable
	named := g.chance(60)
	for _, t := range types {
		v := param("", t)
		if named {
			v.name = g.resultName(append(taken, list...))
		}
		list = append(list, v)
	}
	return list
}

func (g *gen) resultName(taken []*variable) string {
	if g.chance(12) {
		return "_"
	}
	for {
		name := pick(g, pool...)
		if g.chance(4) {
			name = pick(g, hideable...)
		}
		if !slices.ContainsFunc(taken, func(v *variable) bool { return v.name == name }) {
			return name
		}
	}
}

// hideable are predeclared names that a function may use for something else.
var hideable = []string{"any", "recover", "nil", "true", "false", "panic", "bool", "uint8", "print", "copy", "close", "delete"}

// can reports whether a predeclared name has its usual meaning.
func (g *gen) can(name string) bool { return !g.hidden[name] }
