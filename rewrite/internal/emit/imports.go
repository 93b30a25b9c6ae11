package emit

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// An Import is to be added to a file. Name is "" where the package's own name
// is used.
type Import struct{ Name, Path string }

func (i Import) String() string {
	if i.Name != "" {
		return i.Name + " " + strconv.Quote(i.Path)
	}
	return strconv.Quote(i.Path)
}

// importEdits adds imports where gofmt would sort them: to the block of imports
// that is there, or where there is none, as the file writes its imports.
func importEdits(tf *token.File, file *syntax.File, imports []Import) []edit {
	if len(imports) == 0 {
		return nil
	}
	slices.SortFunc(imports, func(a, b Import) int { return cmp.Compare(a.Path, b.Path) })
	block, last, number := importDecls(file.Syntax)
	switch {
	case block != nil:
		return intoBlock(tf, file, block, imports)
	case last == nil:
		at := lineEnd(tf, file, file.Syntax.Name.End())
		return []edit{{from: at, to: at, text: []byte("\n\n" + declaration(imports))}}
	case importsC(last):
		at := lineEnd(tf, file, last.End())
		return []edit{{from: at, to: at, text: []byte("\n\n" + declaration(imports))}}
	case number == 1:
		return []edit{makeBlock(tf, file, last, imports)}
	}
	at := lineEnd(tf, file, last.End())
	text := ""
	for _, imp := range imports {
		text += "\nimport " + imp.String()
	}
	return []edit{{from: at, to: at, text: []byte(text)}}
}

// importDecls returns the block to which imports are added, the last import
// declaration, and the number of all. "import "C"" stays as it is: the comment above
// it is a program.
func importDecls(f *ast.File) (block, last *ast.GenDecl, number int) {
	var empty *ast.GenDecl
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			break
		}
		if len(g.Specs) == 0 { // "import ()"
			empty = g
			continue
		}
		if importsC(g) && last != nil {
			continue
		}
		if last == nil || !importsC(g) {
			last = g
		}
		if !importsC(g) {
			number++
		}
		if g.Lparen.IsValid() && !importsC(g) && block == nil {
			block = g
		}
	}
	if last == nil {
		last = empty
	}
	return block, last, number
}

func importsC(g *ast.GenDecl) bool {
	return slices.ContainsFunc(g.Specs, func(s ast.Spec) bool { return importPath(s) == "C" })
}

func importPath(s ast.Spec) string {
	path, _ := strconv.Unquote(s.(*ast.ImportSpec).Path.Value)
	return path
}

// declaration returns the text of an import declaration.
func declaration(imports []Import) string {
	if len(imports) == 1 {
		return "import " + imports[0].String()
	}
	return "import (\n\t" + groups(imports) + "\n)"
}

// groups returns the text between the parentheses of a block: standard packages
// first.
func groups(imports []Import) string {
	var std, others []string
	for _, imp := range imports {
		if isStandard(imp.Path) {
			std = append(std, imp.String())
		} else {
			others = append(others, imp.String())
		}
	}
	text := strings.Join(std, "\n\t")
	if len(std) > 0 && len(others) > 0 {
		text += "\n\n\t"
	}
	return text + strings.Join(others, "\n\t")
}

// isStandard reports whether path looks like that of a standard package.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// makeBlock turns the only import declaration into a block.
func makeBlock(tf *token.File, file *syntax.File, g *ast.GenDecl, imports []Import) edit {
	spec := g.Specs[0].(*ast.ImportSpec)
	from, to := tf.Offset(g.Pos()), lineEnd(tf, file, spec.End())
	old := Import{Path: importPath(spec)}
	all := append(slices.Clone(imports), old)
	slices.SortStableFunc(all, func(a, b Import) int { return cmp.Compare(a.Path, b.Path) })
	text := strings.Replace(groups(all), old.String(), string(file.Src[tf.Offset(spec.Pos()):to]), 1)
	return edit{from: from, to: to, text: []byte("import (\n\t" + text + "\n)")}
}

// lineEnd returns the offset behind the comments on the line of pos, or that of pos.
func lineEnd(tf *token.File, file *syntax.File, pos token.Pos) int {
	at := tf.Offset(pos)
	for _, g := range file.Syntax.Comments {
		for _, c := range g.List {
			if from := tf.Offset(c.Pos()); from >= at && len(bytes.Trim(file.Src[at:from], " \t")) == 0 {
				at = tf.Offset(c.End())
			}
		}
	}
	return at
}

// intoBlock adds imports to the groups of a block, or as groups of their own where it
// has none of their kind. Standard packages come first.
func intoBlock(tf *token.File, file *syntax.File, g *ast.GenDecl, imports []Import) (edits []edit) {
	has := map[bool]bool{}
	for _, s := range g.Specs {
		has[isStandard(importPath(s))] = true
	}
	oneLine := lineOf(tf, g.Lparen) == lineOf(tf, g.Rparen)
	group := map[bool][]string{}
	for _, imp := range imports {
		if std := isStandard(imp.Path); has[std] || oneLine {
			edits = append(edits, intoGroup(tf, file, g, imp))
		} else {
			group[std] = append(group[std], imp.String())
		}
	}
	if specs := group[true]; len(specs) > 0 {
		at := lineEnd(tf, file, g.Lparen+1)
		edits = append(edits, edit{from: at, to: at, text: []byte("\n\t" + strings.Join(specs, "\n\t") + "\n")})
	}
	if specs := group[false]; len(specs) > 0 {
		at := lineEnd(tf, file, g.Specs[len(g.Specs)-1].End())
		edits = append(edits, edit{from: at, to: at, text: []byte("\n\n\t" + strings.Join(specs, "\n\t"))})
	}
	return edits
}

// intoGroup adds an import to the group, lines between blank ones, that has the path
// most like its own.
func intoGroup(tf *token.File, file *syntax.File, g *ast.GenDecl, imp Import) edit {
	like, score := 0, -1
	for i, s := range g.Specs {
		path := importPath(s)
		if n := commonPrefix(path, imp.Path); n > score && isStandard(path) == isStandard(imp.Path) {
			like, score = i, n
		}
	}
	sameGroup := func(i int) bool { return lineOf(tf, g.Specs[i].Pos()) <= lineOf(tf, g.Specs[i-1].End())+1 }
	first, last := like, like
	for first > 0 && sameGroup(first) {
		first--
	}
	for last+1 < len(g.Specs) && sameGroup(last+1) {
		last++
	}
	for _, s := range g.Specs[first : last+1] {
		if importPath(s) < imp.Path {
			continue
		}
		start := specStart(s.(*ast.ImportSpec))
		if line := tf.LineStart(lineOf(tf, start)); line > g.Lparen {
			return edit{from: tf.Offset(line), to: tf.Offset(line), text: []byte("\t" + imp.String() + "\n")}
		}
		return edit{from: tf.Offset(start), to: tf.Offset(start), text: []byte(imp.String() + "; ")}
	}
	behind := g.Specs[last]
	if lineOf(tf, behind.End()) == lineOf(tf, g.Rparen) {
		at := tf.Offset(behind.End())
		return edit{from: at, to: at, text: []byte("; " + imp.String())}
	}
	at := lineEnd(tf, file, behind.End())
	return edit{from: at, to: at, text: []byte("\n\t" + imp.String())}
}

func specStart(s *ast.ImportSpec) token.Pos {
	if s.Doc != nil {
		return s.Doc.Pos()
	}
	return s.Pos()
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
