package emit

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/build/constraint"
	"go/format"
	"go/token"
	"slices"
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

// A Text is the new text of a file.
type Text struct {
	Bytes []byte
	Ends  []int  // of each piece: the line on which it ends
	Lines []Line // with Origins: of each line, in order
}

// A Line says where a line of the output comes from.
type Line struct {
	From   int // the line of the input that it comes from, or that it was made for; 0 for an import
	Origin lower.Origin
}

// A Tell asks File to tell where lines come from: by directives in the text, or by
// Lines beside it, not both.
type Tell struct {
	Directives bool // write //line directives
	Compile    bool // the same, for a compiler alone: they name files as the input does, and nothing is formatted
	Origins    bool // return Lines
}

// File returns the text of a file with pieces, in order of position, in the place of
// their declarations, and with the imports added.
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
	if i := bytes.IndexByte(file.Src, '\n'); i > 0 && file.Src[i-1] == '\r' {
		for i, e := range edits {
			edits[i].text = bytes.ReplaceAll(e.text, []byte("\n"), []byte("\r\n"))
		}
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

// touches reports whether a piece stands on the line next to another declaration:
// gofmt aligns the bodies and comments of functions of one line.
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

// apply returns src with the edits made, and the offsets at which their texts start.
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
	src := b.Bytes()
	if len(file.Comments) > 0 { // where some stand in odd places, gofmt is done after the second time
		if src, err = format.Source(src); err != nil {
			return edit{}, err
		}
	}
	src = bytes.ReplaceAll(outdentDirectives(src), []byte(lower.IndentedLine), []byte("//line "))
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

// hideConstraints changes the comments inside of functions that look like build
// constraints, which the printer would move to the top of the file, and reports
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

// lineOf returns the line that pos is on, whatever a //line directive says.
func lineOf(tf *token.File, pos token.Pos) int { return tf.PositionFor(pos, false).Line }
