package emit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path/filepath"

	"github.com/dave/dst/decorator"

	"github.com/dedefer/dedefer/rewrite/internal/lower"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A lineOrigin is where the first node that starts on a line comes from, and what
// the line was made for.
type lineOrigin struct {
	pos token.Pos
	end token.Pos // of a line on which nothing starts: the end of what ends there
	new bool      // the node is none of the input

	// What ends there counts for the compiler: a call of a literal, or a function, which
	// returns there.
	closes bool
	lower.Origin
}

// origins returns for each line of a printed declaration where it comes from. The
// restored tree knows its nodes, and not where the printer put them; what was printed
// is parsed, which gives a tree of the same shape that knows that.
func origins(d *lower.Decl, r *decorator.Restorer, restored *ast.File, src []byte) ([]lineOrigin, error) {
	fset := token.NewFileSet()
	printed, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	a, b := nodes(restored), nodes(printed)
	if len(a) != len(b) {
		return nil, errors.New("-lines: the printed function has another shape")
	}
	tf := fset.File(printed.FileStart)
	lines := make([]lineOrigin, tf.LineCount())
	inString := insideTokens(src)
	for i, n := range b {
		dn := r.Dst.Nodes[a[i]]
		if dn == nil {
			continue
		}
		first := lineOf(tf, n.Pos()) - 1
		_, isLit := n.(*ast.FuncLit)
		if o := d.Origin(dn); o.Func != nil { // what is inside it says better
			for l := first; l < lineOf(tf, n.End()); l++ {
				lines[l].Origin = o
			}
		} else if isLit && d.IsInput(dn) {
			for l := first + 1; l < lineOf(tf, n.End()); l++ {
				lines[l].Origin = lower.Origin{}
			}
		}
		if at := &lines[first]; !inString[first] && (!at.pos.IsValid() || isLit && at.new && d.IsInput(dn)) {
			// A literal that moved knows its own line, what was made around it does not.
			at.pos, at.new = d.Pos(dn), !d.IsInput(dn)
		}
		if last := lineOf(tf, n.End()-1) - 1; !lines[last].end.IsValid() {
			lines[last].end = d.End(dn)
			lines[last].closes = d.IsInput(dn) && closes(n)
		}
	}
	return lines, nil
}

// closes reports whether the end of n, on a line on which nothing starts, is where the compiler sees
// something happen: "}()" and "})", and the "}" of a function. It is not where a block ends.
func closes(n ast.Node) bool {
	switch n.(type) {
	case *ast.BlockStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt,
		*ast.CaseClause, *ast.CommClause, *ast.LabeledStmt:
		return false
	}
	return true
}

// nodes lists the statements and expressions below n that are printed, outer before
// inner.
func nodes(n ast.Node) (list []ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m.(type) {
		case *ast.ParenExpr, *ast.EmptyStmt:
		case ast.Stmt, ast.Expr, *ast.FuncDecl:
			list = append(list, m)
		}
		return true
	})
	return list
}

// insideTokens returns the lines of src that begin inside of a raw string or a
// comment. No directive may stand above them.
func insideTokens(src []byte) map[int]bool {
	fset := token.NewFileSet()
	tf := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(tf, src, nil, scanner.ScanComments)
	inside := map[int]bool{}
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return inside
		}
		if tok == token.STRING || tok == token.COMMENT {
			first := lineOf(tf, pos) - 1
			for i := range bytes.Count([]byte(lit), []byte("\n")) {
				inside[first+1+i] = true
			}
		}
	}
}

// outdentDirectives moves the //line directives of the input to the start of their
// lines, where they count.
func outdentDirectives(src []byte) []byte {
	if !bytes.Contains(src, []byte("\t//line ")) {
		return src
	}
	inside := insideTokens(src)
	lines := bytes.SplitAfter(src, []byte("\n"))
	for i, line := range lines {
		if text := bytes.TrimLeft(line, "\t"); !inside[i] && bytes.HasPrefix(text, []byte("//line ")) {
			lines[i] = text
		}
	}
	return bytes.Join(lines, nil)
}

// A liner adds //line directives to the text of a file, so that each line
// counts as the one that it comes from.
type liner struct {
	fset   *token.FileSet
	file   *syntax.File
	tf     *token.File
	edits  []edit
	starts []int // of the texts of edits in the output

	absolute bool // name files as they are named in the input

	// Where origin got to: the edits before the line, how much longer the
	// input is than the output up to there, the lines of the edit that the
	// line is in.
	done, shift, counted, lines int
}

// add returns out with a directive wherever the compiler would count a line wrong,
// and where the texts of the edits start then. Between imports there are none, since
// gofmt sorts those.
func (l *liner) add(out []byte) ([]byte, []int) {
	var b bytes.Buffer
	var starts []int
	body := l.tf.Offset(l.file.Syntax.Name.End())
	for _, spec := range l.file.Syntax.Imports {
		body = max(body, l.tf.Offset(spec.End()))
	}
	for _, d := range l.file.Syntax.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			body = max(body, l.tf.Offset(g.End()))
		}
	}
	at := l.position(0)
	var last []byte // the line before
	for offset := 0; offset < len(out); {
		end := len(out)
		if i := bytes.IndexByte(out[offset:], '\n'); i >= 0 {
			end = offset + i + 1
		}
		line := out[offset:end]
		for len(starts) < len(l.starts) && l.starts[len(starts)] < end {
			starts = append(starts, b.Len()+l.starts[len(starts)]-offset)
		}
		src, want := l.origin(offset)
		if want.IsValid() && want != at && (src < 0 || src > body) {
			if (src >= 0 || l.startsDeclaration(offset)) && len(bytes.TrimSpace(last)) > 0 {
				b.WriteByte('\n') // gofmt wants one behind a declaration
			}
			if i := leadingComment(line); i > 0 {
				// Otherwise gofmt would break the line, and count it twice.
				b.Write(line[:i])
				b.WriteByte('\n')
				line = append(indent(line), bytes.TrimLeft(line[i:], " \t")...)
			}
			b.WriteString(l.directive(want))
			at = want
		}
		b.Write(line)
		last = line
		at.Line++
		if src >= 0 && bytes.HasPrefix(line, []byte("//line ")) {
			at = l.position(src + len(line))
		}
		offset = end
	}
	return b.Bytes(), starts
}

// startsDeclaration reports whether a new declaration without a comment above it
// starts at the offset.
func (l *liner) startsDeclaration(offset int) bool {
	return l.done < len(l.edits) && l.starts[l.done] == offset && l.edits[l.done].piece && !l.edits[l.done].documented
}

// leadingComment returns the length of the comments at the beginning of line, where
// something follows them; else 0.
func leadingComment(line []byte) int {
	rest := bytes.TrimLeft(line, "\t")
	last := 0
	for bytes.HasPrefix(rest, []byte("/*")) {
		end := bytes.Index(rest, []byte("*/"))
		if end < 0 {
			return 0
		}
		rest = rest[end+2:]
		last = len(line) - len(rest)
		rest = bytes.TrimLeft(rest, " \t")
	}
	if len(bytes.TrimSpace(rest)) == 0 || bytes.HasPrefix(rest, []byte("//")) {
		return 0
	}
	return last
}

func indent(line []byte) []byte {
	return bytes.Clone(line[:len(line)-len(bytes.TrimLeft(line, "\t"))])
}

// position returns the line of an offset of the input.
func (l *liner) position(offset int) token.Position {
	const most = 1 << 30 // what the compiler takes for a line
	p := l.fset.Position(l.tf.Pos(min(offset, l.tf.Size())))
	return token.Position{Filename: p.Filename, Line: min(p.Line, most)}
}

// origin returns the position from which the line at an offset of the output comes.
// src is its offset in the input, or -1 for a line of new text, which may come from
// nowhere. The offsets have to be asked for in order.
func (l *liner) origin(offset int) (src int, want token.Position) {
	for ; l.done < len(l.edits) && offset >= l.starts[l.done]; l.done++ {
		e, start := l.edits[l.done], l.starts[l.done]
		if offset < start+len(e.text) {
			if e.lines == nil {
				return -1, want
			}
			l.lines += bytes.Count(e.text[l.counted:offset-start], []byte("\n"))
			l.counted = offset - start
			switch at := e.lines[l.lines]; {
			case at.pos.IsValid():
				return -1, l.position(l.tf.Offset(at.pos))
			case at.closes && at.end.IsValid():
				return -1, l.position(l.tf.Offset(at.end))
			}
			return -1, want
		}
		l.shift = e.to - (start + len(e.text))
		l.counted, l.lines = 0, 0
	}
	src = offset + l.shift
	return src, l.position(src)
}

// origins tells where each line of out comes from.
func (l *liner) origins(out []byte) (lines []Line) {
	for offset := 0; offset < len(out); {
		var line Line
		src, _ := l.origin(offset)
		switch {
		case src >= 0:
			line.From = lineOf(l.tf, l.tf.Pos(min(src, l.tf.Size())))
		case l.edits[l.done].lines != nil:
			at := l.edits[l.done].lines[l.lines]
			line.Origin = at.Origin
			if pos := cmp.Or(at.pos, at.end); pos.IsValid() {
				line.From = lineOf(l.tf, pos)
			}
		}
		lines = append(lines, line)
		i := bytes.IndexByte(out[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	return lines
}

// directive returns the //line directive for p. Where it is about the file itself it
// has no name, but a column: a relative name would lose its directory.
func (l *liner) directive(p token.Position) string {
	if l.absolute {
		return fmt.Sprintf("//line %s:%d\n", l.spelled(p.Filename), p.Line)
	}
	if p.Filename == l.file.Name {
		return fmt.Sprintf("//line :%d:1\n", p.Line)
	}
	name := p.Filename
	if rel, err := filepath.Rel(filepath.Dir(l.file.Name), name); err == nil {
		name = filepath.ToSlash(rel)
	}
	return fmt.Sprintf("//line %s:%d\n", name, p.Line)
}

// spelled returns name as the input says it. go/token puts the file's directory
// before a relative one; the compiler does not.
func (l *liner) spelled(name string) string {
	if name == l.file.Name || bytes.Contains(l.file.Src, []byte("line "+name+":")) {
		return name
	}
	if rel, err := filepath.Rel(filepath.Dir(l.file.Name), name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}
