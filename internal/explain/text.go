// Package explain says what a rewrite.Report has: as text for people, and as JSON
// for programs.
package explain

import (
	"bufio"
	"cmp"
	"fmt"
	"go/token"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dedefer/dedefer/rewrite"
)

// Options steer Text.
type Options struct {
	Short func(file string) string // how to write the name of a file
	Calls bool                     // tell how the calls lead to what may panic
}

// Width is the number of columns that a line has at most, where the name of the
// file leaves room for it.
const Width = 80

// Text writes a few lines for each function with a defer statement: first how
// many there are, then each statement, each exit, and each guard. What has a
// position begins with it,
//
//	tx.go:420:2: direct: defer f.Close()
//	    pending on every path to each exit behind it
//	tx.go:428:3: exit runs line 420: return n, err
//
// and what is said about it is indented below. The last lines have the totals.
func Text(w io.Writer, r *rewrite.Report, opts Options) error {
	p := &printer{w: bufio.NewWriter(w), opts: opts}
	losses := slices.Clone(r.Losses)
	for i, f := range r.Functions {
		for len(losses) > 0 && before(losses[0].Pos, f.Pos) {
			p.loss(losses[0])
			losses = losses[1:]
		}
		if i > 0 {
			fmt.Fprintln(p.w)
		}
		p.function(f)
	}
	for _, l := range losses {
		p.loss(l)
	}
	p.totals(r.Totals())
	return p.w.Flush()
}

func before(a, b token.Position) bool {
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Offset, b.Offset)) < 0
}

type printer struct {
	w    *bufio.Writer
	opts Options
}

// at writes a line about code at a position. What does not fit is cut off.
func (p *printer) at(pos token.Position, text string) {
	head := p.head(pos)
	fmt.Fprintf(p.w, "%s%s\n", head, cut(text, max(Width-utf8.RuneCountInString(head), leastCode)))
}

// leastCode is how much of a piece of code is shown however long the file's name is.
const leastCode = 20

func cut(text string, room int) string {
	if r := []rune(text); len(r) > room {
		return string(r[:room-3]) + "..."
	}
	return text
}

func (p *printer) head(pos token.Position) string {
	pos.Filename = p.opts.Short(pos.Filename)
	return pos.String() + ": "
}

const indent = "    "

// say writes words about a position, in as many lines as it takes.
func (p *printer) say(pos token.Position, text string) { fmt.Fprintln(p.w, p.wrap(p.head(pos), text)) }

// detail writes what is said about the line before.
func (p *printer) detail(text string) { fmt.Fprintln(p.w, p.wrap(indent, text)) }

// wrap adds text to a line, and returns the last one: those before are written.
func (p *printer) wrap(line, text string) string {
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > Width:
			fmt.Fprintln(p.w, line)
			line = indent + "  " + word
		default:
			line += " " + word
		}
	}
	return line
}

func (p *printer) function(f *rewrite.Function) {
	head, count := p.head(f.Pos)+f.Name+":", number(len(f.Sites), "defer statement")+", "+guards(f)
	if utf8.RuneCountInString(head+" "+count) > Width {
		fmt.Fprintln(p.w, head)
		head = indent[1:]
	}
	fmt.Fprintln(p.w, head, count)
	if f.Proof != nil {
		p.detail(f.Proof.String())
	}
	for _, s := range f.Sites {
		p.site(s)
	}
	for _, e := range f.Exits {
		p.exit(f, e)
	}
	for _, same := range f.GuardsByReason() {
		p.guards(f, same)
	}
}

func guards(f *rewrite.Function) string {
	switch {
	case f.Kept != nil:
		return "as written"
	case len(f.Guards) == 0:
		return "no guard"
	}
	return number(len(f.Guards), "guard")
}

func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *printer) site(s *rewrite.Site) {
	p.at(s.Pos, s.Strategy+": defer "+s.Call)
	p.detail(s.Why.String())
	p.detail("costs " + s.Cost.String())
	p.detail("gc: " + string(s.GC) + ", since " + s.GCWhy.String())
	if s.Remedy.Kind != "" {
		p.detail("better: " + s.Remedy.String())
	}
}

// exit says which calls run, in their order, and shows the return statement as far
// as the line has room.
func (p *printer) exit(f *rewrite.Function, e *rewrite.Exit) {
	line := p.wrap(p.head(e.Pos), "exit runs "+runs(f, e)+":")
	room := Width - utf8.RuneCountInString(line) - 1
	if room < min(utf8.RuneCountInString(e.Text), leastCode/2) {
		fmt.Fprintln(p.w, line)
		line, room = indent[1:], Width-len(indent)
	}
	fmt.Fprintln(p.w, line, cut(e.Text, room))
}

func runs(f *rewrite.Function, e *rewrite.Exit) string {
	if len(e.Runs) == 0 {
		return "nothing"
	}
	var runs []string
	for _, r := range e.Runs {
		text := lines(f, r.Sites, " and ")
		switch r.When {
		case rewrite.Pending:
			text += " if " + cmp.Or(r.Sites[0].Bit, "pending")
		case rewrite.Records:
			text += " for each iteration, newest first"
		}
		runs = append(runs, text)
	}
	text := "line " + strings.Join(runs, ", then ")
	if e.Shared {
		text += ", in the shared tail"
	}
	return text
}

// lines names sites by their lines.
func lines(f *rewrite.Function, sites []*rewrite.Site, sep string) string {
	var refs []string
	for _, s := range sites {
		refs = append(refs, f.Ref(s))
	}
	return strings.Join(refs, sep)
}

// guards says what may panic first, and which calls guards run that are there for that.
func (p *printer) guards(f *rewrite.Function, same []*rewrite.Guard) {
	first := same[0].Why[0]
	at := first.Pos
	if !at.IsValid() {
		at = same[0].Pos
	}
	var sites []*rewrite.Site
	for _, g := range same {
		sites = append(sites, g.Sites...)
	}
	what, line := "guard", "line "
	if len(same) > 1 {
		what = "guards"
	}
	if len(sites) > 1 {
		line = "lines "
	}
	p.say(at, what+": "+first.Phrase())
	if len(sites) < len(f.Sites) {
		p.detail("for " + line + lines(f, sites, ", "))
	}
	if p.opts.Calls {
		for _, c := range first.Calls {
			p.say(c.Pos, "there, "+c.Phrase())
		}
	}
	for _, why := range same[0].Why[1:] {
		p.detail(why.String())
	}
}

func (p *printer) loss(l rewrite.Loss) { p.say(l.Pos, l.Function+": changes: "+l.What.String()) }

func (p *printer) totals(t rewrite.Totals) {
	if t.Sites > 0 {
		fmt.Fprintln(p.w)
		p.total(number(t.Functions, "function") + ", " + number(t.Sites, "defer statement") + ": " + tally(t.Strategies))
		p.total(number(t.Guards, "guard") + "; " + number(t.Proofs, "function") + " proved to need none")
		p.total(fmt.Sprintf("still defer statements: %d; with records on the heap: %d", t.Native, t.Heap))
		gc := map[string]int{}
		for class, n := range t.GC {
			gc[string(class)] = n
		}
		p.total("gc: " + tally(gc))
	}
	if t.Losses > 0 {
		p.total(number(t.Losses, "place") + " where the program changes")
	}
}

func (p *printer) total(text string) { fmt.Fprintln(p.w, p.wrap("", text)) }

// tally lists what there is most of first.
func tally(n map[string]int) string {
	names := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", n[name], name))
	}
	return strings.Join(parts, ", ")
}
