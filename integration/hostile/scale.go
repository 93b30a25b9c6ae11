package hostile

import (
	"fmt"
	"strings"
)

// A Shape is a family of programs of one make and any size.
type Shape struct {
	Name string
	Make func(n int) string // a file of package p
}

// Scaling are the shapes in which n counts sites, and mostly returns: what
// becomes of them has to grow like n.
var Scaling = []Shape{
	{"straight", straight},
	{"conditional", conditional},
	{"literals", nestedLiterals},
	{"loop", oneLoop},
	{"functions", manyFunctions},
	{"nested", nestedIfs},
}

const scaleHead = `package p

func note(i int) int { return i }

func failed(i int) bool { return i > 1 }

`

// repeat writes the pieces for 0 to n-1.
func repeat(n int, piece func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(piece(i))
	}
	return b.String()
}

// straight has sites on the only path, a return behind each.
func straight(n int) string {
	return scaleHead + "func F() (int, error) {\n" + repeat(n, func(i int) string {
		return fmt.Sprintf("\tdefer note(%[1]d)\n\tif failed(%[1]d) {\n\t\treturn note(%[1]d), nil\n\t}\n", i)
	}) + "\treturn 0, nil\n}\n"
}

// conditional has sites that only some paths reach.
func conditional(n int) string {
	return scaleHead + "func F() (int, error) {\n" + repeat(n, func(i int) string {
		return fmt.Sprintf("\tif failed(%[1]d) {\n\t\tdefer note(%[1]d)\n\t}\n\tif failed(%[1]d + 1) {\n\t\treturn note(%[1]d), nil\n\t}\n", i)
	}) + "\treturn 0, nil\n}\n"
}

// nestedLiterals has a deferred literal in a deferred literal, and so on. The
// output cannot be compiled for large n: gc inlines literals that are called
// where they are, and takes twice as long for each level.
func nestedLiterals(n int) string {
	return scaleHead + "func F() {\n" + strings.Repeat("defer func() {\n", n) + "note(0)\n" + strings.Repeat("}()\n", n) + "}\n"
}

// oneLoop has all sites in a loop.
func oneLoop(n int) string {
	return scaleHead + "func F() int {\n\tfor i := 0; failed(i); i++ {\n" + repeat(n, func(i int) string {
		return fmt.Sprintf("\t\tdefer note(i + %[1]d)\n\t\tif failed(%[1]d) {\n\t\t\treturn note(%[1]d)\n\t\t}\n", i)
	}) + "\t}\n\treturn 0\n}\n"
}

// manyFunctions has a site in each function.
func manyFunctions(n int) string {
	return scaleHead + repeat(n, func(i int) string {
		return fmt.Sprintf("// F%[1]d is one of many.\nfunc F%[1]d() int {\n\tdefer note(%[1]d) // at the end\n\tif failed(%[1]d) {\n\t\treturn note(%[1]d)\n\t}\n\treturn 0\n}\n\n", i)
	})
}

// nestedIfs has a site and a return at each depth.
func nestedIfs(n int) string {
	return scaleHead + "func F() int {\n" + repeat(n, func(i int) string {
		return fmt.Sprintf("if failed(%[1]d) {\ndefer note(%[1]d)\nif failed(%[1]d + 1) {\nreturn note(%[1]d)\n}\n", i)
	}) + strings.Repeat("}\n", n) + "return 0\n}\n"
}
