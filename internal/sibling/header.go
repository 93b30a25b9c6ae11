package sibling

import (
	"bytes"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// mark is the line above a //go:build line that has a "!T" of ours.
const mark = "//dedefer:tag "

// A header is what stands above a package clause, as far as it matters here.
type header struct {
	constraint constraint.Expr // nil where there is none
	tag        string          // of the mark
	lines      []span          // those with a constraint or a mark
	empty      int             // where a constraint goes if there is none
	end        int             // where the line of the package clause begins
	cgo        bool            // the file imports "C"
}

// A span is a line, with its end.
type span struct{ from, to int }

func parseHeader(name string, src []byte) (*header, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	tf := fset.File(f.FileStart)
	h := &header{empty: firstLine(tf, f, src), end: lineAt(src, tf.Offset(f.Package)).from}
	limit := plusBuildLimit(src)
	var plus constraint.Expr
	for _, g := range f.Comments {
		for _, c := range g.List {
			from := tf.Offset(c.Pos())
			if c.Pos() > f.Package || !strings.HasPrefix(c.Text, "//") {
				continue
			}
			tag, isMark := strings.CutPrefix(c.Text, mark)
			isPlus := constraint.IsPlusBuild(c.Text) && from < limit
			if !isMark && !isPlus && !constraint.IsGoBuild(c.Text) {
				continue
			}
			h.lines = append(h.lines, lineAt(src, from))
			if isMark {
				h.tag = strings.TrimSpace(tag)
				continue
			}
			x, err := constraint.Parse(c.Text)
			switch {
			case err != nil:
				return nil, scanner.ErrorList{{Pos: fset.PositionFor(c.Pos(), false), Msg: err.Error()}}
			case isPlus:
				plus = and(plus, x)
			default:
				h.constraint = x
			}
		}
	}
	if h.constraint == nil {
		h.constraint = plus
	}
	for _, imp := range f.Imports {
		h.cgo = h.cgo || imp.Path.Value == `"C"`
	}
	return h, nil
}

// firstLine returns where a file gets its first constraint: behind a leading
// comment, such as a licence, that stands by itself. Behind one in /* */ gofmt
// would not leave it.
func firstLine(tf *token.File, f *ast.File, src []byte) int {
	top := start(src)
	if len(f.Comments) == 0 {
		return top
	}
	g := f.Comments[0]
	if !strings.HasPrefix(g.List[0].Text, "//") || len(bytes.TrimSpace(src[top:tf.Offset(g.Pos())])) > 0 {
		return top
	}
	next := f.Package
	if len(f.Comments) > 1 {
		next = min(next, f.Comments[1].Pos())
	}
	if tf.Line(next) <= tf.Line(g.End())+1 {
		return top
	}
	return lineAt(src, tf.Offset(next)).from
}

// plusBuildLimit returns where +build lines no longer count: at the last empty
// line before something else than // comments.
func plusBuildLimit(src []byte) (limit int) {
	at := 0
	for line := range bytes.Lines(src) {
		at += len(line)
		switch text := bytes.TrimSpace(line); {
		case len(text) == 0:
			limit = at
		case !bytes.HasPrefix(text, []byte("//")):
			return limit
		}
	}
	return limit
}

// start returns where the text begins, behind a byte order mark.
func start(src []byte) int {
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		return len("\ufeff")
	}
	return 0
}

func lineAt(src []byte, offset int) span {
	s := span{from: max(start(src), bytes.LastIndexByte(src[:offset], '\n')+1), to: len(src)}
	if i := bytes.IndexByte(src[offset:], '\n'); i >= 0 {
		s.to = offset + i + 1
	}
	return s
}

// replace puts block, which is whole lines, in the place of the constraint.
func (h *header) replace(src []byte, block string) []byte {
	eol := "\n"
	if i := bytes.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		eol = "\r\n"
		block = strings.ReplaceAll(block, "\n", eol)
	}
	if len(h.lines) == 0 {
		if block != "" {
			block += eol
		}
		return join(src[:h.empty], []byte(block), src[h.empty:])
	}
	out := join(src[:h.lines[0].from], []byte(block))
	at := h.lines[0].from
	for _, s := range h.lines {
		out = append(out, src[at:s.from]...)
		at = s.to
	}
	rest := src[at:]
	if before := bytes.TrimRight(out, "\r\n"); block == "" && (len(before) == start(src) || len(out)-len(before) > len(eol)) {
		rest = bytes.TrimPrefix(rest, []byte(eol)) // the empty line that came with it
	}
	return append(out, rest...)
}

// blank empties the lines of the constraint, the first of which becomes first.
// Every other line keeps its number.
func (h *header) blank(src []byte, first string) []byte {
	var out []byte
	at := 0
	for i, s := range h.lines {
		out = append(out, src[at:s.from]...)
		if i == 0 {
			out = append(out, first...)
		}
		out = append(out, '\n')
		at = s.to
	}
	return append(out, src[at:]...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func and(x, y constraint.Expr) constraint.Expr {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	return &constraint.AndExpr{X: x, Y: y}
}

// without drops "!tag" where x is a conjunction with it.
func without(x constraint.Expr, tag string) constraint.Expr {
	switch x := x.(type) {
	case *constraint.AndExpr:
		return and(without(x.X, tag), without(x.Y, tag))
	case *constraint.NotExpr:
		if t, ok := x.X.(*constraint.TagExpr); ok && t.Tag == tag {
			return nil
		}
	}
	return x
}

// IsFor reports whether a file with this constraint is for builds with tag only,
// as a conjunction says: the file is not built itself then, its sibling is.
func IsFor(x constraint.Expr, tag string) bool { return x != nil && requires(x, tag) }

// requires reports whether x is a conjunction with tag.
func requires(x constraint.Expr, tag string) bool {
	switch x := x.(type) {
	case *constraint.AndExpr:
		return requires(x.X, tag) || requires(x.Y, tag)
	case *constraint.TagExpr:
		return x.Tag == tag
	}
	return false
}

// With returns the constraint of the sibling of a file that has c, for -tag
// tag.
func With(c constraint.Expr, tag string) constraint.Expr {
	if requires(c, tag) {
		return c
	}
	return and(c, &constraint.TagExpr{Tag: tag})
}
