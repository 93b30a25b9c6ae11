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
//	tx.go:420:2: guard: defer f.Close()
//	    it is the function's guard
//
// and what is said about it is indented below. The last lines have the totals.
func Text(w io.Writer, r *rewrite.Report, opts Options) error {
	p := &printer{w: bufio.NewWriter(w), opts: opts}
	losses := slices.Clone(r.Losses)
	for _, f := range r.Functions {
		for len(losses) > 0 && before(losses[0].Pos, f.Pos) {
			p.loss(losses[0])
			losses = losses[1:]
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
	const least = 20
	room := max(Width-utf8.RuneCountInString(head), least)
	if r := []rune(text); len(r) > room {
		text = string(r[:room-3]) + "..."
	}
	fmt.Fprintf(p.w, "%s%s\n", head, text)
}

func (p *printer) head(pos token.Position) string {
	pos.Filename = p.opts.Short(pos.Filename)
	return pos.String() + ": "
}

const indent = "    "

// say writes words about a position, in as many lines as it takes.
func (p *printer) say(pos token.Position, text string) { p.wrap(p.head(pos), text) }

// detail writes what is said about the line before.
func (p *printer) detail(text string) { p.wrap(indent, text) }

func (p *printer) wrap(line, text string) {
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
	fmt.Fprintln(p.w, line)
}

func (p *printer) function(f *rewrite.Function) {
	p.say(f.Pos, f.Name+": "+number(len(f.Sites), "defer statement")+", "+guards(f))
	if f.Proof != nil {
		p.detail(f.Proof.String())
	}
	for _, s := range f.Sites {
		p.site(s)
	}
	for _, e := range f.Exits {
		p.exit(f, e)
	}
	for _, g := range f.Guards {
		p.guard(f, g)
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
	p.detail("gc: " + string(s.GC) + "; " + s.GCWhy.String())
	if s.Remedy.Kind != "" {
		p.detail("better: " + s.Remedy.String())
	}
}

// exit says which calls run, in their order.
func (p *printer) exit(f *rewrite.Function, e *rewrite.Exit) {
	p.at(e.Pos, "exit: "+e.Text)
	if len(e.Runs) == 0 {
		p.detail("nothing is pending")
		return
	}
	var runs []string
	for _, r := range e.Runs {
		var lines []string
		for _, s := range r.Sites {
			lines = append(lines, f.Ref(s))
		}
		text := strings.Join(lines, " and ")
		switch r.When {
		case rewrite.Pending:
			text += " if pending"
			if bit := r.Sites[0].Bit; bit != "" {
				text = lines[0] + " if " + bit
			}
		case rewrite.Records:
			text += " for each iteration, the newest first"
		}
		runs = append(runs, text)
	}
	text := "runs " + strings.Join(runs, ", then ")
	if e.Shared {
		text += "; in the tail that exits share"
	}
	p.detail(text)
}

// guard says what may panic first, then what the guard looks like.
func (p *printer) guard(f *rewrite.Function, g *rewrite.Guard) {
	first := g.Why[0]
	at := first.Pos
	if !at.IsValid() {
		at = g.Pos
	}
	p.say(at, "guard: "+first.Phrase())
	if len(g.Sites) < len(f.Sites) {
		var lines []string
		for _, s := range g.Sites {
			lines = append(lines, f.Ref(s))
		}
		p.detail("for " + strings.Join(lines, ", "))
	}
	if p.opts.Calls {
		for _, c := range first.Calls {
			p.say(c.Pos, "there, "+c.Phrase())
		}
	}
	for _, why := range g.Why[1:] {
		p.detail(why.String())
	}
}

func (p *printer) loss(l rewrite.Loss) { p.say(l.Pos, l.Function+": changes: "+l.What.String()) }

func (p *printer) totals(t rewrite.Totals) {
	if t.Sites == 0 && t.Losses == 0 {
		return
	}
	p.total(number(t.Functions, "function") + ", " + number(t.Sites, "defer statement") + ": " + tally(t.Strategies))
	if t.Heap > 0 || t.Native > 0 {
		p.total(fmt.Sprintf("with records on the heap: %d; still defer statements: %d", t.Heap, t.Native))
	}
	if t.Guards > 0 || t.Proofs > 0 {
		p.total(number(t.Guards, "guard") + "; " + number(t.Proofs, "function") + " proved to need none")
	}
	gc := map[string]int{}
	for class, n := range t.GC {
		gc[string(class)] = n
	}
	p.total("gc: " + tally(gc))
	if t.Losses > 0 {
		p.total(number(t.Losses, "place") + " where the program changes")
	}
}

func (p *printer) total(text string) { fmt.Fprintln(p.w, text) }

// tally lists what there is most of first.
func tally(n map[string]int) string {
	names := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", n[name], name))
	}
	return strings.Join(parts, ", ")
}
