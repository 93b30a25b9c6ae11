package hostile

import (
	"fmt"
	"strings"
)

// Deep are the shapes that nest, repeat or stretch one construct n times, with
// a defer in it or around it.
var Deep = []Shape{
	{"blocks", nest("defer g(1)\n{\n", "", "}\n")},
	{"blocks, around", nest("{\n", "defer g(1)\n", "}\n")},
	{"ifs", nest("if b {\n", "defer g(1)\n", "}\n")},
	{"else ifs", func(n int) string {
		return body(strings.Repeat("if b {\ndefer g(1)\n} else ", n) + "{\ndefer g(2)\n}\n")
	}},
	{"loops", nest("for b {\n", "defer g(1)\n", "}\n")},
	{"ranges over functions", nest("for range it {\n", "defer g(1)\nreturn\n", "}\n")},
	{"switches", nest("switch {\ncase b:\n", "defer g(1)\n", "}\n")},
	{"selects", nest("select {\ndefault:\n", "defer g(1)\n", "}\n")},
	{"labels", func(n int) string {
		return body(repeat(n, func(i int) string { return fmt.Sprintf("L%d:\n", i) }) + "defer g(1)\n" + repeat(n, func(i int) string { return fmt.Sprintf("if b {\ngoto L%d\n}\n", i) }))
	}},
	{"gotos ahead", func(n int) string {
		return body(repeat(n, func(i int) string { return fmt.Sprintf("if b {\ngoto L%d\n}\ndefer g(%[1]d)\n", i) }) + repeat(n, func(i int) string { return fmt.Sprintf("L%d:\n", i) }) + "g(0)\n")
	}},
	{"literals called", nest("func() {\ndefer g(1)\n", "", "}()\n")},
	{"literals recovering", nest("defer func() {\nrecover()\n", "", "}()\n")},
	{"literals started", nest("go func() {\ndefer g(1)\n", "", "}()\n")},
	{"literals as arguments", nest("defer h(func() {\n", "g(1)\n", "})\n")},
	{"parentheses", func(n int) string {
		return body("defer g(" + strings.Repeat("(1 + ", n) + "v" + strings.Repeat(")", n) + ")\n")
	}},
	{"parentheses around the function", func(n int) string {
		return body("defer " + strings.Repeat("(", n) + "g" + strings.Repeat(")", n) + "(1)\n")
	}},
	{"parentheses around an argument", func(n int) string {
		return body("defer g(" + strings.Repeat("(", n) + "v" + strings.Repeat(")", n) + ")\n")
	}},
	{"calls", func(n int) string {
		return body("defer g(" + strings.Repeat("g(", n) + "1" + strings.Repeat(")", n) + ")\n")
	}},
	{"calls of results", func(n int) string {
		return "package p\n\ntype F func() F\n\nfunc f() F { return f }\n\nfunc _() {\ndefer f" + strings.Repeat("()", n+1) + "\n}\n"
	}},
	{"selectors", func(n int) string {
		return "package p\n\ntype T struct{ x *T }\n\nfunc (*T) M() {}\n\nfunc _(t *T) {\ndefer t" + strings.Repeat(".x", n) + ".M()\nt = nil\n}\n"
	}},
	{"indexes", func(n int) string {
		return "package p\n\ntype T []T\n\nfunc (T) M() {}\n\nfunc _(t T) {\ndefer t" + strings.Repeat("[0]", n) + ".M()\nt = nil\n}\n"
	}},
	{"signs", func(n int) string { return body("defer g(" + strings.Repeat("- ", n) + "v)\nv = 2\n") }},
	{"negations", func(n int) string { return body("if " + strings.Repeat("!", n) + "b {\ndefer g(1)\n}\n") }},
	{"sums", func(n int) string { return body("defer g(v" + strings.Repeat(" + v", n) + ")\nv = 2\n") }},
	{"constants", func(n int) string { return body("defer g(1" + strings.Repeat("*3%7", n) + ")\n") }},
	{"conditions", func(n int) string { return body("if b" + strings.Repeat(" && b || b", n) + " {\ndefer g(1)\n}\n") }},
	{"pointers", typed(func(n int) string { return strings.Repeat("*", n) + "int" })},
	{"slices", typed(func(n int) string { return strings.Repeat("[]", n) + "int" })},
	{"functions", typed(func(n int) string { return strings.Repeat("func(", n) + strings.Repeat(")", n) })},
	{"functions, deeper than the parser resolves names", typed(func(n int) string { return strings.Repeat("func(", 100*n) + strings.Repeat(")", 100*n) })},
	{"structs", typed(func(n int) string { return strings.Repeat("struct{ f ", n) + "int" + strings.Repeat(" }", n) })},
	{"maps", typed(func(n int) string { return strings.Repeat("map[int]", n) + "int" })},
	{"interfaces", typed(func(n int) string { return strings.Repeat("interface{ M(", n) + strings.Repeat(") }", n) })},
	{"instances", func(n int) string {
		n = min(n, 200) // a type's name is as long as n, and there are n of them
		return "package p\n\ntype G[T any] struct{ p *T }\n\nfunc _(x, y " + strings.Repeat("G[", n) + "int" + strings.Repeat("]", n) + ") {\nfor range 2 {\ndefer func(any) {}(x)\nx = y\n}\n}\n"
	}},
	{"composite literals", func(n int) string {
		return "package p\n\ntype T []T\n\nfunc _(f func(T)) {\ndefer f(T" + strings.Repeat("{", n) + strings.Repeat("}", n) + ")\n}\n"
	}},
	{"embedded", func(n int) string {
		return "package p\n\ntype T0 struct{}\n\nfunc (*T0) M() {}\n\n" + repeat(n, func(i int) string { return fmt.Sprintf("type T%d struct{ *T%d }\n\n", i+1, i) }) + fmt.Sprintf("func _(t T%d) {\ndefer t.M()\nt.T%d = nil\n}\n", n, n-1)
	}},
	{"arguments", func(n int) string {
		return body("defer func(...int) {}(v" + strings.Repeat(", v", n) + ")\nv = 2\n")
	}},
	{"results", func(n int) string {
		list := strings.Repeat("int, ", n)
		return "package p\n\nfunc g() (" + list + "error) { panic(0) }\n\nfunc f() (" + list + "error) {\ndefer g()\nif true {\nreturn g()\n}\ndefer func() { recover() }()\nreturn " + strings.Repeat("0, ", n) + "nil\n}\n"
	}},
	{"named results", func(n int) string {
		return "package p\n\nfunc h() error { return nil }\n\nfunc f() (" + repeat(n, func(i int) string { return fmt.Sprintf("r%d, ", i) }) + "_ int, err error) {\ndefer func() { err = nil }()\nreturn " + strings.Repeat("1, ", n+1) + "h()\n}\n"
	}},
	{"cases", func(n int) string {
		return body("switch v {\n" + repeat(n, func(i int) string { return fmt.Sprintf("case %d:\ndefer g(%[1]d)\n", i) }) + "}\n")
	}},
	{"cases falling through", func(n int) string {
		return body("switch v {\n" + repeat(n, func(i int) string { return fmt.Sprintf("case %d:\ndefer g(%[1]d)\nfallthrough\n", i) }) + "default:\n}\n")
	}},
	{"loops in a row", func(n int) string { return body(strings.Repeat("for b {\ndefer g(v)\n}\n", n)) }},
	{"literals in a row", func(n int) string { return body(strings.Repeat("defer func() { v++ }()\n", n)) }},
	{"recovering literals in a row", func(n int) string { return body(strings.Repeat("defer func() { recover() }()\n", n)) }},
	{"different types in a loop", func(n int) string {
		return body("for b {\n" + repeat(n, func(i int) string { return fmt.Sprintf("defer func([%d]int) {}([%[1]d]int{})\n", i) }) + "}\n")
	}},
	{"local types", func(n int) string {
		return body("for b {\n" + repeat(n, func(i int) string { return fmt.Sprintf("type T%d struct{}\ndefer func(T%[1]d) {}(T%[1]d{})\n", i) }) + "}\n")
	}},
	{"one line", func(n int) string {
		return "package p; func g(int) {}; func _(b bool) { " + strings.Repeat("defer g(1); if b { return }; ", n) + "}"
	}},
	{"comments", func(n int) string {
		return body(strings.Repeat("/* a */ defer /* b */ g /* c */ ( /* d */ 1 /* e */ ) /* f */ // g\n// h\n\n", n))
	}},
	{"empty lines", func(n int) string { return body(strings.Repeat("\n", n) + "defer g(1)" + strings.Repeat("\n", n)) }},
	{"empty statements", func(n int) string { return body(strings.Repeat(";", n) + "defer g(1)" + strings.Repeat(";", n) + "\n") }},
	{"a long string", func(n int) string { return body("defer func(string) {}(\"" + strings.Repeat("x", 100*n) + "\")\n") }},
	{"a long raw string", func(n int) string { return body("defer func(string) {}(`" + strings.Repeat("x\n", 100*n) + "`)\n") }},
	{"a long name", func(n int) string {
		name := strings.Repeat("x", 100*n)
		return body("for " + name + " := range 3 {\ndefer g(" + name + ")\n}\n")
	}},
	{"a long comment", func(n int) string { return body("defer g(1) /*" + strings.Repeat(" x\n", 30*n) + "*/\n") }},
	{"imports", func(n int) string {
		return "package p\n\n" + repeat(n, func(i int) string { return fmt.Sprintf("import f%d \"fmt\"\n", i) }) + "\nfunc _() {\n" + repeat(n, func(i int) string { return fmt.Sprintf("defer f%d.Println()\n", i) }) + "}\n"
	}},
}

// body is a program whose one function has the given statements.
func body(statements string) string {
	return `package p

func g(i int) int { return i }

func h(f func()) { f() }

func it(yield func() bool) { yield() }

func _(b bool, v int) {
` + statements + "}\n"
}

// nest returns a shape that has n times open, then inner, then n times close.
func nest(open, inner, close string) func(n int) string {
	return func(n int) string {
		return body(strings.Repeat(open, n) + inner + strings.Repeat(close, n))
	}
}

// typed returns a shape whose deferred call has an operand of a deep type.
func typed(typ func(n int) string) func(n int) string {
	return func(n int) string {
		return "package p\n\nfunc _(b bool, x, y " + typ(n) + ") {\nfor b {\ndefer func(any) {}(x)\nx = y\n}\n}\n"
	}
}
