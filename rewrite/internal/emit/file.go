package emit

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/format"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/dst/decorator"

	"github.com/dedefer/dedefer/rewrite/internal/lower"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A Piece is a declaration and its lowering.
type Piece struct {
	Decl    ast.Decl
	Lowered *lower.Decl
}

// An Import is to be added to a file. Name is "" where the package's own name
// is used.
type Import struct{ Name, Path string }

// A Text is the new text of a file.
type Text struct {
	Bytes []byte
	Ends  []int  // of each piece: the line on which it ends
	Lines []Line // with Origins: of each line, in order
}

// A Line of the output.
type Line struct {
	From   int // the line of the input that it comes from, or that it was made for; 0 for an import
	Origin lower.Origin
}

// Tell says what File is asked to tell of the lines of its output. Directives are in
// the text; then there are no Lines beside it.
type Tell struct {
	Directives bool // write //line directives
	Compile    bool // the same, for a compiler alone: they name files as the input does, and nothing is formatted
	Origins    bool // return Lines
}

// File puts pieces, in order of position, and imports into file.
func File(fset *token.FileSet, file *syntax.File, pieces []Piece, imports []Import, tell Tell) (*Text, error) {
	tf := fset.File(file.Syntax.FileStart)
	edits := importEdits(tf, file, imports)
	for _, p := range pieces {
		e, err := print(p.Lowered, tell != (Tell{}))
		if err != nil {
			return nil, err
		}
		e.piece, e.documented = true, isDocumented(p.Decl)
		e.from, e.to = tf.Offset(p.Decl.Pos()), tf.Offset(p.Decl.End())
		edits = append(edits, e)
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	text := &Text{}
	out, starts := apply(file.Src, edits)
	l := liner{fset: fset, file: file, tf: tf, edits: edits, starts: starts, absolute: tell.Compile}
	switch {
	case tell.Directives || tell.Compile:
		out, starts = l.add(out)
	case tell.Origins:
		text.Lines = l.origins(out)
	}
	line, at := 1, 0
	for i, e := range edits {
		end := starts[i] + len(e.text)
		line, at = line+bytes.Count(out[at:end], []byte("\n")), end
		if e.piece {
			text.Ends = append(text.Ends, line)
		}
	}
	var err error
	if !tell.Compile && (tell.Directives || touches(tf, file.Syntax.Decls, pieces)) && formatted(file.Src) {
		out, err = format.Source(out) // comments are not aligned across directives
	}
	text.Bytes = out
	return text, err
}

// touches reports whether one of pieces is on the line next to that of another
// declaration: gofmt aligns functions of one line, and their comments.
func touches(tf *token.File, decls []ast.Decl, pieces []Piece) bool {
	for _, p := range pieces {
		i, _ := slices.BinarySearchFunc(decls, p.Decl.Pos(), func(d ast.Decl, pos token.Pos) int { return cmp.Compare(d.Pos(), pos) })
		if i > 0 && lineOf(tf, decls[i-1].End())+1 >= lineOf(tf, p.Decl.Pos()) ||
			i+1 < len(decls) && lineOf(tf, p.Decl.End())+1 >= lineOf(tf, decls[i+1].Pos()) {
			return true
		}
	}
	return false
}

func formatted(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(src, out)
}

// An edit replaces the bytes between two offsets.
type edit struct {
	from, to   int
	text       []byte
	piece      bool         // a declaration, not an import
	documented bool         // a declaration with a comment above it
	lines      []lineOrigin // of each line of text
}

func isDocumented(d ast.Decl) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc != nil
	case *ast.GenDecl:
		return d.Doc != nil
	}
	return false
}

// apply makes edits, and returns at which offsets of the output their texts
// start.
func apply(src []byte, edits []edit) (out []byte, starts []int) {
	at := 0
	for _, e := range edits {
		out = append(out, src[at:e.from]...)
		starts = append(starts, len(out))
		out = append(out, e.text...)
		at = e.to
	}
	return append(out, src[at:]...), starts
}

// print prints a lowered declaration.
func print(d *lower.Decl, lines bool) (edit, error) {
	r := decorator.NewRestorer()
	file, err := r.RestoreFile(d.File)
	if err != nil {
		return edit{}, err
	}
	hidden := hideConstraints(file)
	var b bytes.Buffer
	if err := format.Node(&b, r.Fset, file); err != nil {
		return edit{}, err
	}
	src := outdentDirectives(b.Bytes())
	if hidden {
		src = bytes.ReplaceAll(src, []byte(hiddenConstraint), []byte("//"))
	}
	header := bytes.IndexByte(src, '\n')
	for src[header] == '\n' { // the package clause is not part of it
		header++
	}
	e := edit{text: bytes.TrimRight(src[header:], "\n")}
	if lines {
		all, err := origins(d, r, file, src)
		if err != nil {
			return edit{}, err
		}
		e.lines = all[bytes.Count(src[:header], []byte("\n")):]
	}
	return e, nil
}

const hiddenConstraint = "//\x01"

// hideConstraints changes comments inside functions that look like build
// constraints: the printer would move them to the top of the file. It reports
// whether there are any.
func hideConstraints(file *ast.File) (hidden bool) {
	for _, g := range file.Comments {
		for _, c := range g.List {
			if constraint.IsGoBuild(c.Text) || constraint.IsPlusBuild(c.Text) {
				c.Text = hiddenConstraint + strings.TrimPrefix(c.Text, "//")
				hidden = true
			}
		}
	}
	return hidden
}

// importEdits adds each import where gofmt would sort it: into a group of the
// file's import declaration, or as a declaration of its own.
func importEdits(tf *token.File, file *syntax.File, imports []Import) []edit {
	slices.SortFunc(imports, func(a, b Import) int { return cmp.Compare(a.Path, b.Path) })
	group, last := importDecls(file.Syntax)
	var edits []edit
	for _, imp := range imports {
		line := strconv.Quote(imp.Path)
		if imp.Name != "" {
			line = imp.Name + " " + line
		}
		if group == nil && last != nil && !last.Lparen.IsValid() && !importsC(last) && len(imports) == 1 {
			edits = append(edits, grouped(tf, file, last, imp.Path, line))
			continue
		}
		if group == nil {
			at := tf.Offset(file.Syntax.Name.End())
			if last != nil {
				at = tf.Offset(last.End())
			}
			edits = append(edits, edit{from: at, to: at, text: fmt.Appendf(nil, "\n\nimport %s", line)})
			continue
		}
		edits = append(edits, intoGroup(tf, file, group, imp.Path, line))
	}
	return edits
}

// grouped makes a group of the import declaration of one package.
func grouped(tf *token.File, file *syntax.File, g *ast.GenDecl, path, line string) edit {
	spec := g.Specs[0].(*ast.ImportSpec)
	from, to := tf.Offset(g.Pos()), tf.Offset(spec.End())
	old := string(file.Src[tf.Offset(spec.Pos()):to])
	oldPath, _ := strconv.Unquote(spec.Path.Value)
	lines := []string{old, line}
	sep := "\n\t"
	switch {
	case isStandard(oldPath) && !isStandard(path):
		sep = "\n\n\t"
	case path < oldPath:
		lines = []string{line, old}
	}
	return edit{from: from, to: to, text: []byte("import (\n\t" + strings.Join(lines, sep) + "\n)")}
}

// isStandard reports whether path looks like that of a standard package.
func isStandard(path string) bool { return !strings.Contains(firstElement(path), ".") }

// importDecls finds the parenthesized import declaration to add to, and the
// last import declaration. That of package C stays as it is: its comment
// is a program.
func importDecls(f *ast.File) (group, last *ast.GenDecl) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			break
		}
		last = g
		if g.Lparen.IsValid() && len(g.Specs) > 0 && !importsC(g) && group == nil {
			group = g
		}
	}
	return group, last
}

func importsC(g *ast.GenDecl) bool {
	for _, s := range g.Specs {
		if s.(*ast.ImportSpec).Path.Value == `"C"` {
			return true
		}
	}
	return false
}

// intoGroup puts an import into the block of lines, between blank ones, whose
// paths are most like its own.
func intoGroup(tf *token.File, file *syntax.File, g *ast.GenDecl, path, line string) edit {
	var best *ast.ImportSpec // comes after this one
	var before *ast.ImportSpec
	score := -2
	for i, s := range g.Specs {
		spec := s.(*ast.ImportSpec)
		p, _ := strconv.Unquote(spec.Path.Value)
		n := commonPrefix(p, path)
		if isStandard(p) != isStandard(path) {
			n = -1
		}
		firstOfBlock := i == 0 || lineOf(tf, spec.Pos()) > lineOf(tf, g.Specs[i-1].End())+1
		switch {
		case n > score && p < path:
			best, before, score = spec, nil, n
		case n > score && firstOfBlock:
			best, before, score = nil, spec, n
		case n == score && p < path && best != nil && !firstOfBlock:
			best = spec
		}
	}
	if before != nil && score >= 0 {
		if first := specStart(before); lineOf(tf, first) == lineOf(tf, g.Lparen) {
			return edit{from: tf.Offset(first), to: tf.Offset(first), text: []byte(line + "; ")}
		}
		at := tf.Offset(lineStart(tf, specStart(before)))
		return edit{from: at, to: at, text: []byte("\t" + line + "\n")}
	}
	if best == nil || score == -1 {
		best = g.Specs[len(g.Specs)-1].(*ast.ImportSpec)
	}
	end := specEnd(best)
	at := tf.Offset(end)
	if i := bytes.IndexByte(file.Src[at:], '\n'); i >= 0 {
		at += i
	}
	sep := "\n\t"
	if score == -1 { // a block of its own
		sep = "\n\n\t"
	}
	if close := tf.Offset(g.Rparen); at > close { // everything on one line
		return edit{from: tf.Offset(end), to: tf.Offset(end), text: []byte("; " + line)}
	}
	return edit{from: at, to: at, text: []byte(sep + line)}
}

func specStart(s *ast.ImportSpec) token.Pos {
	if s.Doc != nil {
		return s.Doc.Pos()
	}
	return s.Pos()
}

func specEnd(s *ast.ImportSpec) token.Pos {
	if s.Comment != nil {
		return s.Comment.End()
	}
	return s.End()
}

// lineOf returns the line that pos is on, whatever a //line directive says.
func lineOf(tf *token.File, pos token.Pos) int { return tf.PositionFor(pos, false).Line }

func lineStart(tf *token.File, pos token.Pos) token.Pos { return tf.LineStart(lineOf(tf, pos)) }

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func firstElement(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}
