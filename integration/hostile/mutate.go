package hostile

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/dedefer/dedefer/integration/harness"
)

// A mutator changes the text of a program. It returns "" where it finds
// nothing to change.
type mutator struct {
	name   string
	weight int
	mutate func(m *mutation) string
}

// mutators has more of those after which a program often still builds.
var mutators = []mutator{
	{"truncate", 1, truncate},
	{"bytes", 2, changeBytes},
	{"oddity", 2, insertOddity},
	{"token", 4, changeToken},
	{"comment", 4, insertComment},
	{"line", 3, insertLine},
	{"statement", 8, changeStatement},
	{"wrap", 8, wrapStatement},
	{"insert", 8, insertStatement},
	{"rename", 6, rename},
	{"declare", 3, declare},
	{"parens", 2, parenthesize},
}

// A mutation is a program that is being changed.
type mutation struct {
	*rand.Rand
	src string

	fset *token.FileSet
	file *ast.File // nil if src does not parse
}

// Mutate changes a seed in a few places. The input is the same for the same
// number.
func Mutate(seeds []Seed, number int64) Input {
	r := rand.New(rand.NewPCG(uint64(number), 11))
	seed := seeds[r.IntN(len(seeds))]
	m := &mutation{Rand: r, src: seed.Src}
	var total int
	for _, mu := range mutators {
		total += mu.weight
	}
	var made []string
	for len(made) < 1+r.IntN(4) {
		n := r.IntN(total)
		for _, mu := range mutators {
			if n -= mu.weight; n >= 0 {
				continue
			}
			m.parse()
			if src := mu.mutate(m); src != "" && !withoutDefer(src) {
				m.src = src
			}
			made = append(made, mu.name)
			break
		}
	}
	return Input{fmt.Sprintf("%d: %s: %s", number, seed.Name, strings.Join(made, ", ")), m.src}
}

// withoutDefer reports whether src parses and holds no defer statement. What is
// wrong with such a package is left to the compiler: the tool copies it as it is.
func withoutDefer(src string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil && !harness.HasDefer(f)
}

func (m *mutation) parse() {
	m.fset = token.NewFileSet()
	f, err := parser.ParseFile(m.fset, "", m.src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		f = nil
	}
	m.file = f
}

func pick[T any](m *mutation, list []T) T { return list[m.IntN(len(list))] }

// splice replaces the bytes between two offsets.
func (m *mutation) splice(from, to int, text string) string {
	return m.src[:from] + text + m.src[to:]
}

// span returns the offsets of a node.
func (m *mutation) span(n ast.Node) (from, to int) {
	return m.fset.PositionFor(n.Pos(), false).Offset, m.fset.PositionFor(n.End(), false).Offset
}

func (m *mutation) text(n ast.Node) string {
	from, to := m.span(n)
	return m.src[from:to]
}

func truncate(m *mutation) string { return m.src[:m.IntN(len(m.src)+1)] }

// changeBytes deletes, repeats or overwrites a few bytes.
func changeBytes(m *mutation) string {
	if len(m.src) == 0 {
		return ""
	}
	from := m.IntN(len(m.src))
	to := min(len(m.src), from+1+m.IntN(20))
	switch m.IntN(3) {
	case 0:
		return m.splice(from, to, "")
	case 1:
		return m.splice(from, from, m.src[from:to])
	}
	b := []byte(m.src)
	b[from] = byte(m.IntN(256))
	return string(b)
}

var oddities = []string{
	"\x00", "\xff", "\xc0\x80", "\xed\xa0\x80", "\ufeff", "\u202e", "\u2066", "\u200b", "\u00a0", "\u2028",
	"\r", "\r\n", "\f", "\v", "\\", "`", `"`, "'", "/*", "*/", "//", "#", "$", "?", "@", "é", "日本", "𝔾", "ǂ0", "ǂ0ǃ",
}

// insertOddity puts a strange character anywhere, or other line ends everywhere.
func insertOddity(m *mutation) string {
	switch m.IntN(8) {
	case 0:
		return strings.ReplaceAll(m.src, "\n", "\r\n")
	case 1:
		return "\ufeff" + m.src
	case 2:
		return strings.TrimRight(m.src, "\n")
	case 3:
		return strings.ReplaceAll(m.src, "\t", " ")
	}
	at := m.IntN(len(m.src) + 1)
	return m.splice(at, at, pick(m, oddities))
}

// A lexeme is a token in the text.
type lexeme struct {
	from, to int
	tok      token.Token
}

func (m *mutation) tokens() []lexeme {
	fset := token.NewFileSet()
	tf := fset.AddFile("", -1, len(m.src))
	var s scanner.Scanner
	s.Init(tf, []byte(m.src), func(token.Position, string) {}, 0)
	var list []lexeme
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return list
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if lit == "" {
			lit = tok.String()
		}
		from := tf.Offset(pos)
		list = append(list, lexeme{from, min(len(m.src), from+len(lit)), tok})
	}
}

var spares = []string{
	"defer", "return", "goto", "go", "func", "func() {}()", "recover()", "panic(0)", "for", "range", "if", "else", "switch", "select",
	"case", "default", "fallthrough", "break", "continue", "var", "const", "type", "struct", "interface", "map", "chan", "import", "package",
	"{", "}", "(", ")", "[", "]", ";", ":", ":=", "=", ",", ".", "...", "*", "&", "<-", "~", "|", "_", "nil", "true", "0", "1e400", `""`, "0x1p-2", "1i", "'x'",
}

// changeToken deletes, repeats, swaps or replaces tokens.
func changeToken(m *mutation) string {
	list := m.tokens()
	if len(list) < 2 {
		return ""
	}
	i := m.IntN(len(list) - 1)
	t, next := list[i], list[i+1]
	switch m.IntN(5) {
	case 0:
		return m.splice(t.from, t.to, "")
	case 1:
		return m.splice(t.to, t.to, " "+m.src[t.from:t.to])
	case 2:
		return m.splice(t.from, next.to, m.src[next.from:next.to]+m.src[t.to:next.from]+m.src[t.from:t.to])
	case 3:
		return m.splice(t.from, t.to, pick(m, spares))
	}
	other := pick(m, list)
	return m.splice(t.from, t.to, m.src[other.from:other.to])
}

// A block comment may hold a //line directive, a line comment a directive for
// the compiler.
var comments = []string{
	"/*c*/", "/* a\nb */", "//c\n", "/**/", "/*line x.go:7:9*/", "/*line :1*/", "/*line /*/", "/*line a.go:1000000000:1*/", "/*line p.go:-1*/", "//\n", "/*\n*/", "//dedefer:guard\n",
}

// insertComment puts a comment between any two tokens, and another one
// somewhere else.
func insertComment(m *mutation) string {
	list := m.tokens()
	if len(list) == 0 {
		return ""
	}
	for range 1 + m.IntN(3) {
		t := pick(m, list)
		at := t.from
		if m.IntN(2) == 0 {
			at = t.to
		}
		m.src = m.splice(at, at, pick(m, comments))
		list = m.tokens()
	}
	return m.src
}

var lines = []string{
	"//line other.go:10", "//line :3", "//line p.go:1:1", "//line /absolute/x.go:5", "//line ../up.go:999999999", "//line x.y:99999999999999999999", "//line \x00:1", "//line C:\\x.go:3", "//line", "//line foo.go:0",
	"//go:build ignore", "//go:build !(", "//go:build linux || !linux", "// +build ignore", "//go:nosplit", "//go:noinline", "//go:norace", "//go:noescape", "//go:uintptrescapes",
	"//go:linkname note runtime.nanotime", "//go:embed p.go", "//go:generate false", "//go:debug panicnil=1", "//go:debug default=go1.18", "//go:fix inline", "//export x", "//dedefer:guard", "//", "/*", "\t", "\f",
	"// Output: 1", "//lint:ignore x", "// Deprecated: no.", "#!/bin/sh", "}", "{", ";", "import \"C\"", "import \"unsafe\"", "import _ \"embed\"", "import . \"fmt\"",
}

// insertLine puts a line, most often a directive, between two lines.
func insertLine(m *mutation) string {
	all := strings.SplitAfter(m.src, "\n")
	i := m.IntN(len(all))
	if m.IntN(4) == 0 {
		i = 0
	}
	return strings.Join(all[:i], "") + pick(m, lines) + "\n" + strings.Join(all[i:], "")
}

// statements lists those that stand in a list.
func (m *mutation) statements() (list []ast.Stmt) {
	if m.file == nil {
		return nil
	}
	ast.Inspect(m.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = append(list, n.List...)
		case *ast.CaseClause:
			list = append(list, n.Body...)
		case *ast.CommClause:
			list = append(list, n.Body...)
		}
		return true
	})
	return list
}

// changeStatement deletes, repeats, moves or swaps statements, or makes a
// defer statement of a call, or the other way round.
func changeStatement(m *mutation) string {
	list := m.statements()
	if len(list) == 0 {
		return ""
	}
	s := pick(m, list)
	from, to := m.span(s)
	switch m.IntN(6) {
	case 0:
		return m.splice(from, to, "")
	case 1:
		return m.splice(to, to, "\n"+m.src[from:to])
	case 2: // copied elsewhere
		at, _ := m.span(pick(m, list))
		return m.splice(at, at, m.src[from:to]+"\n")
	case 3: // replaced by another one
		return m.splice(from, to, m.text(pick(m, list)))
	}
	for range 20 {
		s := pick(m, list)
		from, to := m.span(s)
		switch s := s.(type) {
		case *ast.ExprStmt:
			return m.splice(from, to, "defer "+m.text(s.X))
		case *ast.GoStmt:
			return m.splice(from, to, "defer "+m.text(s.Call))
		case *ast.DeferStmt:
			return m.splice(from, to, m.text(s.Call))
		}
	}
	return ""
}

var wrappings = []string{
	"{\n%s\n}", "if true {\n%s\n}", "if x := 1; x > 0 {\n%s\n} else {\n%[1]s\n}", "for i := range 3 {\n_ = i\n%s\n}", "for {\n%s\nbreak\n}", "for false {\n%s\n}",
	"func() {\n%s\n}()", "defer func() {\n%s\n}()", "defer func() {\nrecover()\n%s\n}()", "go func() {\n%s\n}()", "_ = func() {\n%s\n}", "switch {\ncase true:\n%s\n}", "switch x := any(1).(type) {\ncase int:\n_ = x\n%s\ndefault:\n}",
	"select {\ndefault:\n%s\n}", "L0: {\n%s\nbreak L0\n}", "L0:\n%s\ngoto L0", "goto L0\nL0:\n%s", "L0: for {\n%s\ncontinue L0\n}", "for range func(yield func() bool) { yield() } {\n%s\n}",
	"for x := range func(yield func(int) bool) { yield(1) } {\n_ = x\n%s\n}", "switch {\ncase true:\n%s\nfallthrough\ndefault:\n}", "if false {\n%s\n}", "%s\n%[1]s", "{{{{\n%s\n}}}}",
	"{\ntype active int\n%s\n}", "{\nvar true, false, nil, recover, append, len, uint8, bool = 1, 2, 3, 4, 5, 6, 7, 8\n_, _, _, _, _, _, _, _ = true, false, nil, recover, append, len, uint8, bool\n%s\n}", "{\nconst iota = 1\n%s\n}",
}

// wrapStatement puts a statement into another one.
func wrapStatement(m *mutation) string {
	list := m.statements()
	if len(list) == 0 {
		return ""
	}
	s := pick(m, list)
	for range 3 { // rather one that matters
		if _, ok := s.(*ast.DeferStmt); !ok {
			s = pick(m, list)
		}
	}
	from, to := m.span(s)
	w := pick(m, wrappings)
	if !strings.Contains(w, "%[1]s") {
		w = strings.Replace(w, "%s", "%[1]s", 1)
	} else {
		w = strings.Replace(w, "%s", "%[1]s", 1)
	}
	return m.splice(from, to, fmt.Sprintf(w, m.src[from:to]))
}

var extras = []string{
	"defer func() {}()", "defer println()", "defer recover()", "defer panic(1)", "defer func() { recover() }()", "defer func() { _ = recover() }()", "defer func(x ...any) { println(recover(), x) }(1, \"a\", nil)",
	"defer print(1, 2.5, 'x', \"s\")", "defer close(make(chan int))", "defer delete(map[int]int{}, 0)", "defer copy([]int{}, []int{})", "defer clear([]int{})", "defer func() int { return 1 }()",
	"defer (func() {})()", "defer ((func()))(func() {})()", "defer func() func() { return func() {} }()()", "defer struct{ f func() }{func() {}}.f()", "defer [](func()){func() {}}[0]()", "defer map[int]func(){}[0]()",
	"defer func() { defer func() { recover() }(); panic(2) }()", "defer func(x int) { x++ }(1 << 3)", "defer func(error) {}(nil)", "defer func(any, ...int) {}(func() (any, int) { return 1, 2 }())",
	"defer error.Error(nil)", "defer interface{ M() }.M(nil)", "defer new(struct{ M func() }).M()", "defer (*struct{ M func() }).M", "defer func() { type active int; var x active; _ = x }()", "for { defer func() {}() }",
	"for i := 0; i < 3; i++ { defer println(i) }", "if true { defer println() }", "if false { return }", "return", "panic(0)", "_ = recover()", "for {}", "select {}", "goto L0", "L0:", "L0: defer println()", "break", "continue", "fallthrough",
	"var active, dedefer, exit, result, err, ok, p, e, i, arg, deferred, onExit, entries, entry, pending, none int; _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _ = active, dedefer, exit, result, err, ok, p, e, i, arg, deferred, onExit, entries, entry, pending, none",
	"type T struct{ a, b int }; defer func(T) {}(T{1, 2})", "defer func(x struct{ a int }) {}(struct{ a int }{1})", "defer min(1, 2)", "defer len(\"\")", "defer unsafe.Sizeof(0)", "defer complex(1, 2)", "defer append([]int{}, 1)", "defer int(1)", "defer (println)()",
	"defer func(f float32, c complex64, r rune, u uint8) {}(1, 2, 'x', 3)", "defer println(1<<3, 1.0, 'x')", "var c chan int; defer func(int) {}(<-c)", "defer func(f func()) { f() }(func() { return })", ";", "{}", "var _ = func() { defer println() }",
	"switch { case true: defer println(); fallthrough; default: }", "select { case <-make(chan int): defer println(); default: }", "defer func() { for range 3 { defer println() } }()", "defer new(int)", "defer make([]int, 1)", "defer print", "defer 0", "defer func() {}",
}

// insertStatement puts a new statement before an old one.
func insertStatement(m *mutation) string {
	list := m.statements()
	if len(list) == 0 {
		return ""
	}
	for range 1 + m.IntN(3) {
		at, _ := m.span(pick(m, list))
		m.src = m.splice(at, at, pick(m, extras)+"\n")
		if m.parse(); m.file == nil {
			break
		}
		list = m.statements()
	}
	return m.src
}

var clashing = []string{
	"active", "active1", "dedefer", "step", "result", "result1", "err", "ok", "exit", "p", "p1", "e", "i", "arg", "deferred", "onExit", "entries", "entry", "pending", "none", "recv", "ptr", "site", "next", "names",
	"true", "false", "nil", "bool", "recover", "panic", "any", "error", "append", "len", "uint8", "uint16", "uint32", "uint64", "int", "string", "println", "iota", "_", "main", "init", "ǂ0", "ǂ0ǃ", "ǃ", "日本", "É", "Run", "fmt", "unsafe", "C", "defer",
}

// rename gives an identifier another name, wherever it stands.
func rename(m *mutation) string {
	if m.file == nil {
		return ""
	}
	var names []string
	ast.Inspect(m.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
		return true
	})
	if len(names) == 0 {
		return ""
	}
	old, name := pick(m, names), pick(m, clashing)
	var b strings.Builder
	at := 0
	for _, t := range m.tokens() {
		if t.tok == token.IDENT && m.src[t.from:t.to] == old {
			b.WriteString(m.src[at:t.from] + name)
			at = t.to
		}
	}
	return b.String() + m.src[at:]
}

var declarations = []string{
	"func %s() {}", "var %s int", "type %s struct{}", "const %s = 1", "type %s = int", "func %s[T any](x T) { defer println(x) }", "func init() { defer println(); %s := 1; _ = %[1]s }", "var %s = func() int { defer recover(); return 1 }()", "type %s[T any] struct{ x T }\n\nfunc (%[1]s[T]) M() { defer func() {}() }", "type %s func()\n\nfunc (%[1]s) M() { defer recover() }",
	"func %s() (result int, err error) { defer func() { result++ }(); return 1, nil }", "func %s() (_ int, _ error) { defer func() { recover() }(); return 1, nil }", "func %s(active, dedefer int) { for { defer println(active, dedefer) } }", "var _ = func() { for range 2 { defer func() { recover() }() } }\n\nvar %s int",
}

// declare adds a declaration of a name that the output uses.
func declare(m *mutation) string {
	return m.src + "\n" + fmt.Sprintf(strings.Replace(pick(m, declarations), "%s", "%[1]s", 1), pick(m, clashing)) + "\n"
}

// parenthesize puts expressions into parentheses, by the hundred.
func parenthesize(m *mutation) string {
	if m.file == nil {
		return ""
	}
	var list []ast.Expr
	ast.Inspect(m.file, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			list = append(list, x)
		}
		return true
	})
	if len(list) == 0 {
		return ""
	}
	x := pick(m, list)
	from, to := m.span(x)
	n := 1 + m.IntN(200)
	if !utf8.ValidString(m.src[from:to]) {
		return ""
	}
	return m.splice(from, to, strings.Repeat("(", n)+m.src[from:to]+strings.Repeat(")", n))
}
