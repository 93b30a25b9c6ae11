package lower

import (
	"cmp"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
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

// number numbers the comments of file and lists them in order of position.
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

// endOfLast gives a comment behind the last statement of n, on the same line, to
// that statement: dst hangs it on what ends there and is outermost.
func endOfLast(n dst.Node) {
	switch n := n.(type) {
	case *dst.LabeledStmt:
		n.Stmt.Decorations().End.Append(n.Decs.End...)
		n.Decs.End = nil
	case *dst.CaseClause, *dst.CommClause:
		if list := statements(n); len(list) > 0 {
			end := &n.Decorations().End
			same := sameLine(*end)
			list[len(list)-1].Decorations().End.Append((*end)[:same]...)
			*end = (*end)[same:]
		}
	}
}

// sameLine returns how many of the decorations behind a statement are on the
// line of its end.
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

// keepAll puts the comments that the output lacks in front of the statement that
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
		if !found[c.text] {
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

// put puts c in front of the first statement of a list that comes from behind
// it, or else behind the last one.
func (d *Decl) put(c comment) {
	var next, last dst.Stmt
	dst.Inspect(d.File, func(n dst.Node) bool {
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
	}
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

// replace hands the comments and blank lines around old to what stands in its
// place. Where nothing does, settle finds them a place. kept are comments to go
// before it.
func (f *function) replace(old dst.Stmt, list []dst.Stmt, kept ...string) []dst.Stmt {
	dec := old.Decorations()
	if len(list) == 0 {
		list = []dst.Stmt{&dst.EmptyStmt{Implicit: true}}
		f.gone[list[0]] = true
		list[0].Decorations().Start.Append(kept...)
	} else if len(kept) > 0 {
		list[0].Decorations().Start.Prepend(kept...)
	}
	if len(list) == 1 && list[0] == old {
		return list
	}
	first, last := list[0].Decorations(), list[len(list)-1].Decorations()
	if first != dec {
		first.Start.Prepend(dec.Start...)
		if dec.Before != dst.None {
			first.Before = dec.Before
		}
		dec.Start, dec.Before = nil, dst.NewLine
	}
	if last != dec {
		last.End.Append(dec.End...)
		last.After = dec.After
		dec.End, dec.After = nil, dst.NewLine
	}
	return list
}

// settle removes the empty statements that replace left behind and moves
// their comments to the next statement.
func (f *function) settle(block *dst.BlockStmt, list *[]dst.Stmt) {
	var out []dst.Stmt
	var carry []string
	before := dst.None
	for _, s := range *list {
		dec := s.Decorations()
		if f.gone[s] {
			if len(carry) > 0 && dec.Before == dst.EmptyLine {
				carry = append(carry, "\n")
			}
			carry = append(carry, ownLines(dec.Start)...)
			carry = append(carry, ownLines(dec.End)...)
			if before == dst.None || len(out) > 0 && len(carry) == 0 {
				before = max(before, dec.Before)
			}
			continue
		}
		switch {
		case len(carry) > 0:
			if dec.Before == dst.EmptyLine {
				carry = append(carry, "\n")
			}
			dec.Start.Prepend(carry...)
			dec.Before = before
		case before != dst.None && len(out) == 0:
			dec.Before = before
		case before != dst.None:
			dec.Before = max(dec.Before, before)
		}
		carry, before = nil, dst.None
		out = append(out, s)
	}
	if len(carry) > 0 {
		switch {
		case len(out) > 0:
			below(out[len(out)-1], carry)
		case block != nil:
			block.Decs.Lbrace.Append(append([]string{"\n"}, carry...)...)
		default:
			out = append(out, &dst.EmptyStmt{Implicit: true})
			out[0].Decorations().Start = carry
		}
	}
	*list = out
}

// handOver puts the comments of a statement that goes in front of the next one.
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

// below puts comments on lines of their own behind s.
func below(s dst.Stmt, comments []string) {
	end := &s.Decorations().End
	if n := len(*end); n == 0 || !endsLine((*end)[n-1]) {
		end.Append("\n")
	}
	end.Append(ownLines(comments)...)
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

// finish puts list in the place of a statement. Comments inside it that are on
// nothing that is left move to the front.
func (f *function) finish(old dst.Stmt, list []dst.Stmt, pos token.Pos, kept map[dst.Node]bool) []dst.Stmt {
	for _, st := range list {
		dst.Inspect(st, func(n dst.Node) bool {
			kept[n] = true
			return !f.isLiteral(n)
		})
	}
	var lost []string
	if !kept[old] {
		dst.Inspect(old, func(n dst.Node) bool {
			if n == nil || kept[n] {
				return false
			}
			eachDecorations(n, func(name string, decs *dst.Decorations) {
				if n != dst.Node(old) || name != "Start" && name != "End" { // see replace
					lost = append(lost, slices.DeleteFunc(slices.Clone(*decs), func(text string) bool { return text == "\n" })...)
				}
			})
			return true
		})
	}
	inOrder(lost)
	return f.replace(old, f.created(list, pos), ownLines(lost)...)
}

// aDirective is a comment for another tool, about the statement on its line or on
// the next one. One for the compiler is for what is behind it, whatever that is.
var aDirective = regexp.MustCompile(`^//(\s*nolint\b|\s*#nosec\b|[a-z]+:\w)`)

func isDirective(comment string) bool {
	return aDirective.MatchString(comment) && !strings.HasPrefix(comment, "//go:") && !strings.HasPrefix(comment, "//dedefer:")
}

// directives are those right above a statement, and right behind it.
type directives struct{ above, behind []string }

func directivesOf(s dst.Stmt) (found directives) {
	d := s.Decorations()
	i := len(d.Start)
	for i > 0 && isDirective(d.Start[i-1]) {
		i--
	}
	found.above = d.Start[i:]
	if len(d.End) > 0 && isDirective(d.End[0]) {
		found.behind = d.End[:1]
	}
	return found
}

// takeDirectives returns the directives of s, which loses them.
func takeDirectives(s dst.Stmt) directives {
	found, d := directivesOf(s), s.Decorations()
	d.Start = slices.Clone(d.Start[:len(d.Start)-len(found.above)])
	d.End = slices.Clone(d.End[len(found.behind):])
	return found
}

// give puts directives on a statement, or a call that is one.
func (ds directives) give(n dst.Node) {
	d := n.Decorations()
	d.Start.Append(ds.above...)
	d.End.Prepend(ds.behind...)
	if _, ok := n.(dst.Stmt); ok && len(ds.above) > 0 {
		d.Before = max(d.Before, dst.NewLine)
	}
}

// takeComments takes the comment right above s, where it is to go, and what is
// behind it on its line.
func takeComments(s dst.Stmt, above bool) (found directives) {
	d := s.Decorations()
	if above {
		i := len(d.Start)
		for i > 0 && d.Start[i-1] != "\n" {
			i--
		}
		found.above, d.Start = slices.Clone(d.Start[i:]), d.Start[:i:i]
	}
	same := sameLine(d.End)
	found.behind, d.End = slices.Clone(d.End[:same]), slices.Clone(d.End[same:])
	return found
}

// copies returns at how many exits the call of s is written.
func (f *function) copies(s *plan.Site) (n int) {
	if f.Tail != nil {
		return 1
	}
	for _, e := range f.Exits {
		if e.Active.May.Has(s.Index) {
			n++
		}
	}
	return n
}

// placed is a call that was deferred, or the first statement of the literal's
// body.
type placed struct {
	node   dst.Node
	others bool // more statements of it follow
}

// giveMoved gives the comments of defer statements that nothing is left of to
// their calls.
func (f *function) giveMoved() {
	for _, s := range f.Sites {
		for _, w := range f.written[s] {
			above, behind := f.moved[s].above, f.moved[s].behind
			if w.others || isBlock(w.node) {
				above, behind = slices.Concat(above, ownLines(behind)), nil
			}
			d := w.node.Decorations()
			d.Start.Prepend(above...)
			d.End.Append(behind...)
			if len(above) > 0 {
				d.Before = max(d.Before, dst.NewLine)
			}
		}
	}
}

func isBlock(n dst.Node) bool {
	_, ok := n.(*dst.BlockStmt)
	return ok
}

// moveLastComments moves the comments at the end of a body behind the chain:
// the expected output of an example has to be its last comment.
func moveLastComments(body, chain []dst.Stmt) {
	if len(body) == 0 || len(chain) == 0 {
		return
	}
	from, to := body[len(body)-1].Decorations(), chain[len(chain)-1]
	if same := sameLine(from.End); same < len(from.End) {
		below(to, from.End[same:])
		from.End = from.End[:same]
	}
}

// move hands the comments of a node to the one that is written in its place.
func move[N dst.Node](from dst.Node, to N) N {
	*to.Decorations() = *from.Decorations()
	return to
}

// noComments reports whether s has none around it.
func noComments(s dst.Stmt) bool {
	d := s.Decorations()
	return len(d.Start) == 0 && len(d.End) == 0
}

// clone copies an expression without its comments and line breaks at either
// end: they stay where the original is, or was.
func clone(x dst.Expr) dst.Expr {
	c := dst.Clone(x).(dst.Expr)
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
