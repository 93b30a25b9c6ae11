package lower

import (
	"cmp"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Each comment of a declaration has a number while it is lowered, behind its
// text, so that it is known in the output from others that say the same.
//
// A statement that is replaced hands its comments over (replace, finish), those
// of a statement that nothing replaces go to the next one (settle), and what is
// still missing in the end is put where it was in the input (keepAll).

// numbered separates a comment's text from its number. No Go source has it.
const numbered = "\x00"

// A comment is one of the input.
type comment struct {
	text string // with its number
	pos  token.Pos
}

// number gives each comment of the file a number, and lists them in order of
// position.
func (d *Decl) number() (all []comment) {
	var outer []dst.Node
	add := func(decs *dst.Decorations, pos token.Pos) {
		for i, text := range *decs {
			if text != "\n" {
				(*decs)[i] = text + numbered + strconv.Itoa(len(all))
				all = append(all, comment{(*decs)[i], pos})
			}
		}
	}
	dst.Inspect(d.File, func(n dst.Node) bool {
		endOfLast(n)
		if n == nil {
			last := outer[len(outer)-1]
			if a := d.ast[last]; a != nil {
				add(&last.Decorations().End, a.End())
			}
			outer = outer[:len(outer)-1]
			return false
		}
		outer = append(outer, n)
		eachDecorations(n, func(name string, decs *dst.Decorations) {
			if a := d.ast[n]; a != nil && name != "End" {
				add(decs, a.Pos())
			}
		})
		return true
	})
	return all
}

// endOfLast gives the comments behind the last statement of n, if one is on its line, to
// that statement. dst hangs it on the outermost node that ends there.
func endOfLast(n dst.Node) {
	switch n := n.(type) {
	case *dst.LabeledStmt:
		n.Stmt.Decorations().End.Append(n.Decs.End...)
		n.Decs.End = nil
	case *dst.CaseClause, *dst.CommClause:
		if list := statements(n); len(list) > 0 {
			end := &n.Decorations().End
			if sameLine(*end) > 0 { // what follows on lines of its own begins behind that
				list[len(list)-1].Decorations().End.Append(*end...)
				*end = nil
			}
		}
	}
}

// sameLine returns how many of the decorations behind a statement stand on its last
// line.
func sameLine(end []string) int {
	for i, c := range end {
		if c == "\n" {
			return i
		}
		if endsLine(c) {
			return i + 1
		}
	}
	return len(end)
}

// inOrder sorts comments as they were in the input.
func inOrder(list []string) {
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(numberOf(a), numberOf(b)) })
}

func numberOf(comment string) int {
	_, s, _ := strings.Cut(comment, numbered)
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1 // it is new
	}
	return n
}

// isMark reports whether a comment of the input marks a guard of an earlier rewriting. Where the
// guard goes, it goes, too.
func isMark(comment string) bool {
	text, _, _ := strings.Cut(comment, numbered)
	return text == analysis.GuardMark
}

// keepAll puts each comment that the output lacks in front of the statement that
// comes next, and takes the numbers off.
func (d *Decl) keepAll(all []comment) {
	found := map[string]bool{}
	dst.Inspect(d.File, func(n dst.Node) bool {
		eachDecorations(n, func(_ string, decs *dst.Decorations) {
			for _, text := range *decs {
				found[text] = true
			}
		})
		return true
	})
	for _, c := range all {
		if !found[c.text] && !isMark(c.text) {
			d.put(c)
		}
	}
	dst.Inspect(d.File, func(n dst.Node) bool {
		eachDecorations(n, func(_ string, decs *dst.Decorations) {
			for i, text := range *decs {
				(*decs)[i], _, _ = strings.Cut(text, numbered)
			}
		})
		return true
	})
}

// put puts c where it was in the input: in front of the first statement of its block that
// comes from behind it, or else behind the last one. A block without statements takes it
// itself.
func (d *Decl) put(c comment) {
	block := d.blockAt(c.pos)
	var next, last dst.Stmt
	dst.Inspect(block, func(n dst.Node) bool {
		for _, s := range statements(n) {
			if pos := d.Pos(s); pos >= c.pos && (next == nil || pos < d.Pos(next)) {
				next = s
			}
			if last == nil || d.Pos(s) >= d.Pos(last) {
				last = s
			}
		}
		return true
	})
	switch {
	case next != nil:
		decs := next.Decorations()
		decs.Start.Append(ownLines([]string{c.text})...)
		decs.Before = max(decs.Before, dst.NewLine)
	case last != nil:
		below(last, []string{c.text})
	default:
		if decs := opening(block); decs != nil {
			atOpening(decs, []string{c.text})
		}
	}
}

// blockAt returns the innermost block or clause of the output that pos is in, in the input;
// the file where there is none.
func (d *Decl) blockAt(pos token.Pos) dst.Node {
	var at dst.Node = d.File
	dst.Inspect(d.File, func(n dst.Node) bool {
		if a := d.ast[n]; a != nil && opening(n) != nil && a.Pos() <= pos {
			if end := a.End(); pos < end || pos == end && !isBlock(n) {
				at = n
			}
		}
		return true
	})
	return at
}

// opening returns the decorations behind the "{" or ":" of a block or clause; nil for another
// node.
func opening(n dst.Node) *dst.Decorations {
	switch n := n.(type) {
	case *dst.BlockStmt:
		return &n.Decs.Lbrace
	case *dst.CaseClause:
		return &n.Decs.Colon
	case *dst.CommClause:
		return &n.Decs.Colon
	}
	return nil
}

// atOpening puts comments on lines of their own behind a "{" or ":".
func atOpening(decs *dst.Decorations, comments []string) {
	if n := len(*decs); n == 0 || !endsLine((*decs)[n-1]) {
		decs.Append("\n")
	}
	decs.Append(ownLines(comments)...)
}

// statements returns the list of statements that n has.
func statements(n dst.Node) []dst.Stmt {
	switch n := n.(type) {
	case *dst.BlockStmt:
		return n.List
	case *dst.CaseClause:
		return n.Body
	case *dst.CommClause:
		return n.Body
	}
	return nil
}

// handOver moves the comments of a statement that goes to the next one.
func handOver(gone, next dst.Stmt) {
	from, to := gone.Decorations(), next.Decorations()
	comments := append(ownLines(from.Start), ownLines(from.End)...)
	if len(comments) == 0 {
		return
	}
	if to.Before == dst.EmptyLine {
		comments = append(comments, "\n")
	}
	to.Start.Prepend(comments...)
	to.Before = dst.NewLine
}

// below puts comments on lines of their own below s.
func below(s dst.Stmt, comments []string) {
	end := &s.Decorations().End
	if n := len(*end); n == 0 || !endsLine((*end)[n-1]) {
		end.Append("\n")
	}
	end.Append(ownLines(comments)...)
}

// takeTrailing takes away the comments on the line on which a statement ends.
func takeTrailing(end *dst.Decorations) []string { return takeFirst(end, sameLine(*end)) }

// takeFirst takes the first n decorations from end. What is left keeps the line that it
// stands on: a // comment that goes took a line break with it.
func takeFirst(end *dst.Decorations, n int) []string {
	taken, rest := slices.Clone((*end)[:n]), slices.Clone((*end)[n:])
	if n > 0 && len(rest) > 0 && endsLine(taken[n-1]) {
		rest = slices.Insert(rest, 0, "\n")
	}
	*end = rest
	return taken
}

// joined returns what stands behind a statement, first and then more. Where a // comment
// ends the line already, more need not.
func joined(first, more []string) []string {
	if len(first) > 0 && endsLine(first[len(first)-1]) && len(more) > 0 && more[0] == "\n" {
		more = more[1:]
	}
	return slices.Concat(first, more)
}

// ownLines puts each comment on a line of its own.
func ownLines(list []string) (out []string) {
	for i, c := range list {
		if c == "\n" {
			if i > 0 && strings.HasPrefix(list[i-1], "//") { // a blank line
				out = append(out, c)
			}
			continue
		}
		out = append(out, c)
		if !endsLine(c) {
			out = append(out, "\n")
		}
	}
	return out
}

// endsLine reports whether what follows a decoration is on the next line.
func endsLine(decoration string) bool {
	return decoration == "\n" || strings.HasPrefix(decoration, "//")
}

// moveLastComments moves the comments at the end of a body behind the chain. The
// expected output of an example has to be its last comment.
func moveLastComments(body, chain []dst.Stmt) {
	if len(body) == 0 || len(chain) == 0 {
		return
	}
	from, to := body[len(body)-1].Decorations(), chain[len(chain)-1]
	if same := sameLine(from.End); same < len(from.End) {
		if end := &to.Decorations().End; startsBlank(from.End[same:]) {
			end.Append("\n", "\n")
		}
		below(to, from.End[same:])
		from.End = from.End[:same]
	}
}

// startsBlank reports whether decorations behind a statement begin with a blank line.
func startsBlank(end []string) bool { return len(end) > 1 && end[0] == "\n" && end[1] == "\n" }

// move gives the comments of a node to the one that is written in its place.
func move[N dst.Node](from dst.Node, to N) N {
	*to.Decorations() = *from.Decorations()
	return to
}

// noComments reports whether s has none around it.
func noComments(s dst.Stmt) bool {
	d := s.Decorations()
	return len(d.Start) == 0 && len(d.End) == 0
}

// clone returns a copy of x without comments, and without line breaks at its ends:
// those belong to the original.
func clone(x dst.Expr) dst.Expr { return bare(dst.Clone(x).(dst.Expr)) }

// bare takes the comments from c, but for those in function literals, and the line breaks at its
// ends.
func bare(c dst.Expr) dst.Expr {
	dst.Inspect(c, func(n dst.Node) bool {
		if _, ok := n.(*dst.FuncLit); ok || n == nil {
			return false
		}
		eachDecorations(n, func(_ string, d *dst.Decorations) { *d = nil })
		return true
	})
	c.Decorations().Before, c.Decorations().After = dst.None, dst.None
	return c
}

var decorationsType = reflect.TypeFor[dst.Decorations]()

// eachDecorations visits every place at which a comment can hang on n, with its
// name. Each type of node has a struct of them of its own, Decs.
func eachDecorations(n dst.Node, visit func(name string, d *dst.Decorations)) {
	if n == nil {
		return
	}
	v := reflect.ValueOf(n).Elem().FieldByName("Decs")
	if !v.IsValid() {
		return
	}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			fd := v.Field(i)
			switch {
			case fd.Type() == decorationsType:
				visit(v.Type().Field(i).Name, fd.Addr().Interface().(*dst.Decorations))
			case fd.Kind() == reflect.Struct:
				walk(fd)
			}
		}
	}
	walk(v)
}

// moveSpace moves the blank line above second, if there is one, above first, which
// now stands there.
func moveSpace(first, second dst.Stmt) {
	to, from := first.Decorations(), second.Decorations()
	if from.Before == dst.EmptyLine {
		to.Before, from.Before = dst.EmptyLine, dst.NewLine
	}
}

func isBlock(n dst.Node) bool {
	_, ok := n.(*dst.BlockStmt)
	return ok
}
