package lowering

import (
	"cmp"
	"go/ast"
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/emit"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A Report tells what was decided and why.
type Report struct {
	Functions []*Function // those with a defer statement, in order of position
	Losses    []Loss      // with Unwind None: where the program changes, in order of position

	// Comments that stand at the end of their file, since they lost their
	// place, in order of position. Each is a fault of dedefer's.
	Strays []token.Position
}

type (
	// A Reason is one of the things that led to a decision, as a value; its
	// method String says it as a sentence.
	Reason = plan.Reason
	// Reasons are read one after the other.
	Reasons = plan.Reasons
	// A GCClass is what gc makes of a defer statement.
	GCClass = analysis.GCClass
)

// A Function is a function with at least one defer statement.
type Function struct {
	Pos    token.Position
	First  int      // line on which its top-level declaration begins, with the comment above it
	Last   int      // and ends
	Name   string   // such as "F", "(*T).M", "F.func1", "init"
	Sites  []*Site  // in the order of the source
	Exits  []*Exit  // in the order of the source
	Guards []*Guard // with Unwind Native: the native deferred functions that it keeps, in the order of the source
	Proof  Reasons  // with Unwind Native, where there is no guard: why none is needed
	Kept   Reasons  // why all its defer statements stay as they are
	Graph  *Graph   // with Options.Origins
}

// A Site is one defer statement.
type Site struct {
	Pos      token.Position
	First    int    // line on which the statement begins, whatever a //line directive says
	Last     int    // and ends
	Call     string // the deferred call, on one line, shortened
	Strategy string // "direct", "bit", "record", ...
	Why      Reasons
	Heap     bool    // it needs a record on the heap
	Bit      string  // the variable that tells whether it is pending, "active", or a bit of it, "active&2"; "" where nothing asks
	GC       GCClass // what gc makes of it
	GCWhy    Reason
	Cost     Reason
	Remedy   Reason // of no kind where nothing would make it cheaper
	Kept     bool   // it stays a native defer statement
}

// An Exit is a place where a function ends normally.
type Exit struct {
	Pos    token.Position
	Line   int    // whatever a //line directive says
	Text   string // the return statement, on one line, shortened, or "}"
	Shared bool   // what runs there stands in a tail that several exits share
	Runs   []Run  // in the order in which they run
}

// A Run is the deferred calls of one site, or of all sites of one loop, at an
// exit.
type Run struct {
	Sites []*Site
	When  When
}

// When says whether a call runs at an exit.
type When string

const (
	Always  When = "always"  // on every path to the exit
	Pending When = "pending" // on some paths: a bit tells
	Records When = "records" // as often as the sites were passed, the newest first
)

// A Guard is a native deferred function that a function keeps for panics and
// Goexit.
type Guard struct {
	Pos   token.Position // of the first site that it stands for
	Sites []*Site        // whose calls it runs
	Why   Reasons        // first of all what may panic
	Cost  Reason
}

// A Graph is the control-flow graph of a function.
type Graph struct{ Blocks []Block }

// A Block is a piece of code without branches.
type Block struct {
	Kind  string   // such as "entry", "if.then", "for.body"
	Lines []int    // on which its statements begin
	Text  []string // of them, each on one line, shortened
	Succs []int    // which blocks follow
	In    Active   // what is pending at its beginning
	Out   Active   // what is pending at its end
	Exit  *Exit    // at its end; nil where it goes on, or never ends
}

// Active tells which sites are pending at a point.
type Active struct {
	Surely []*Site // on every path to it
	Maybe  []*Site // on some
}

// A Loss is a place where Unwind None changes what the program does: a recover
// that can no longer fire, a Goexit that leaves calls pending, a function whose
// deferred calls only recover.
type Loss struct {
	Pos      token.Position
	Function string
	What     Reason
}

// Add adds what another report says.
func (r *Report) Add(s *Report) {
	r.Functions = append(r.Functions, s.Functions...)
	r.Losses = append(r.Losses, s.Losses...)
	r.Strays = append(r.Strays, s.Strays...)
}

// Sort puts everything in order of position.
func (r *Report) Sort() {
	slices.SortStableFunc(r.Functions, func(a, b *Function) int { return ComparePos(a.Pos, b.Pos) })
	slices.SortStableFunc(r.Losses, func(a, b Loss) int { return ComparePos(a.Pos, b.Pos) })
	slices.SortStableFunc(r.Strays, ComparePos)
}

// Totals are the numbers of what a report has.
type Totals struct {
	Functions, Sites, Exits int
	Guards, Proofs          int
	Native                  int // sites that stay native defer statements
	Heap                    int // sites that need records on the heap
	Losses                  int
	Strategies              map[string]int
	GC                      map[GCClass]int
}

// Totals counts.
func (r *Report) Totals() Totals {
	t := Totals{Functions: len(r.Functions), Losses: len(r.Losses), Strategies: map[string]int{}, GC: map[GCClass]int{}}
	for _, f := range r.Functions {
		t.Sites += len(f.Sites)
		t.Exits += len(f.Exits)
		t.Guards += len(f.Guards)
		if f.Proof != nil {
			t.Proofs++
		}
		for _, s := range f.Sites {
			t.Strategies[s.Strategy]++
			t.GC[s.GC]++
			if s.Kept {
				t.Native++
			}
			if s.Heap {
				t.Heap++
			}
		}
	}
	return t
}

// A reporter tells what was decided about the functions of one file, and finds in the
// report what a part of a plan has become.
type reporter struct {
	file   *token.File
	src    []byte
	fset   *token.FileSet
	graphs bool
	report *Report

	functions map[*plan.Func]*Function
	sites     map[*plan.Site]*Site
	exits     map[*analysis.Exit]*Exit
	guards    map[*plan.Guard]*Guard
	own       map[*plan.Site]*Guard // those that are the literals of sites
}

func newReporter(p *Package, f *File, graphs bool, r *Report) *reporter {
	return &reporter{
		file: p.Fset.File(f.Syntax.FileStart), src: f.Src, fset: p.Fset, graphs: graphs, report: r,
		functions: map[*plan.Func]*Function{}, sites: map[*plan.Site]*Site{},
		exits: map[*analysis.Exit]*Exit{}, guards: map[*plan.Guard]*Guard{}, own: map[*plan.Site]*Guard{},
	}
}

// unit adds what was decided about a declaration.
func (r *reporter) unit(pu *plan.Unit) {
	first, last := r.line(analysis.Start(pu.Decl)), r.line(pu.Decl.End()-1)
	for _, f := range pu.Funcs {
		fn := &Function{Pos: r.fset.Position(f.Node.Pos()), Name: f.Name, First: first, Last: last, Proof: f.Proof, Kept: f.Kept}
		r.functions[f] = fn
		r.report.Functions = append(r.report.Functions, fn)
		gc := f.GC()
		for _, s := range f.Sites {
			fn.Sites = append(fn.Sites, r.site(f, s, gc))
		}
		for _, e := range f.Exits {
			fn.Exits = append(fn.Exits, r.exit(f, e))
		}
		slices.SortStableFunc(fn.Exits, func(a, b *Exit) int { return ComparePos(a.Pos, b.Pos) })
		for _, l := range f.Losses {
			r.report.Losses = append(r.report.Losses, Loss{Pos: r.fset.Position(l.Pos), Function: f.Name, What: l.Why})
		}
		for _, g := range f.Guards {
			fn.Guards = append(fn.Guards, r.guard(f, g))
		}
		for _, s := range f.Sites {
			if s.Own {
				own := r.sites[s]
				r.own[s] = &Guard{Pos: own.Pos, Sites: []*Site{own}, Why: s.Unwinds, Cost: Reason{Kind: plan.CostNative}}
				fn.Guards = append(fn.Guards, r.own[s])
			}
		}
		slices.SortStableFunc(fn.Guards, func(a, b *Guard) int { return ComparePos(a.Pos, b.Pos) })
		if r.graphs {
			fn.Graph = r.graph(f)
		}
	}
}

// left adds a declaration whose defer statements stay as they are. With lost, that is
// not what was asked for, and a loss.
func (r *reporter) left(pu *plan.Unit, why plan.Reason, lost bool) {
	first, last := r.line(analysis.Start(pu.Decl)), r.line(pu.Decl.End()-1)
	for _, f := range pu.Funcs {
		fn := &Function{Pos: r.fset.Position(f.Node.Pos()), Name: f.Name, First: first, Last: last, Kept: Reasons{why}}
		r.report.Functions = append(r.report.Functions, fn)
		gc := f.GC()
		for _, s := range f.Sites {
			site := r.site(f, s, gc)
			site.Strategy, site.Why, site.Kept, site.Heap, site.Bit = plan.Kept.Name, Reasons{why}, true, false, ""
			fn.Sites = append(fn.Sites, site)
			if lost {
				r.report.Losses = append(r.report.Losses, Loss{Pos: site.Pos, Function: f.Name, What: why})
			}
		}
	}
}

func (r *reporter) site(f *plan.Func, s *plan.Site, gc *analysis.GC) *Site {
	site := &Site{
		Pos: r.fset.Position(s.Stmt.Pos()), First: r.line(s.Stmt.Pos()), Last: r.line(s.Stmt.End() - 1), Call: r.text(s.Stmt.Call), Strategy: s.Strategy.Name, Why: s.Why, Heap: s.Heap,
		Bit: f.BitText(s), GC: gc.Class[s.Index], GCWhy: f.GCReason(s, gc), Cost: f.Cost(s), Remedy: s.Remedy(), Kept: s.Strategy.Stays,
	}
	r.sites[s] = site
	return site
}

// exit tells what runs at e: newest first, the sites of one loop together.
func (r *reporter) exit(f *plan.Func, e *plan.Exit) *Exit {
	x := &Exit{Pos: r.fset.Position(e.Pos), Line: r.line(e.Pos), Text: "}", Shared: f.Tail != nil && !e.Runs.Empty()}
	if e.Return != nil {
		x.Text = r.text(e.Return)
	}
	r.exits[e.Exit] = x
	sites := slices.Clone(f.Sites)
	slices.SortStableFunc(sites, func(a, b *plan.Site) int { return cmp.Compare(b.Order, a.Order) })
	cycles := map[int]int{} // to indices of Runs
	for _, s := range sites {
		switch i, seen := cycles[s.Cycle]; {
		case !e.Active.May.Has(s.Index):
		case s.Cycle >= 0 && seen:
			x.Runs[i].Sites = append(x.Runs[i].Sites, r.sites[s])
		case s.Cycle >= 0:
			cycles[s.Cycle] = len(x.Runs)
			x.Runs = append(x.Runs, Run{[]*Site{r.sites[s]}, Records})
		case e.Active.Must.Has(s.Index):
			x.Runs = append(x.Runs, Run{[]*Site{r.sites[s]}, Always})
		default:
			x.Runs = append(x.Runs, Run{[]*Site{r.sites[s]}, Pending})
		}
	}
	return x
}

func (r *reporter) guard(f *plan.Func, g *plan.Guard) *Guard {
	guard := &Guard{Cost: Reason{Kind: plan.CostNative}}
	for _, s := range f.Sites {
		if s.Guard == g {
			if guard.Sites == nil {
				guard.Why = s.Unwinds
			}
			guard.Sites = append(guard.Sites, r.sites[s])
		}
	}
	guard.Pos = guard.Sites[0].Pos
	r.guards[g] = guard
	return guard
}

// made returns what a line of the output was made for, in the words of the report.
func (r *reporter) made(l emit.Line) Line {
	o := l.Origin
	line := Line{From: l.From, Function: r.functions[o.Func], Site: r.sites[o.Site], Guard: r.guards[o.Guard], Tail: o.Tail}
	if o.Exit != nil {
		line.Exit = r.exits[o.Exit.Exit]
	}
	if o.Own {
		line.Guard = r.own[o.Site]
	}
	return line
}

// line returns the line of pos, whatever a //line directive says.
func (r *reporter) line(pos token.Pos) int { return r.fset.PositionFor(pos, false).Line }

// graph tells the control flow of f.
func (r *reporter) graph(f *plan.Func) *Graph {
	active := func(a analysis.Active) (out Active) {
		for _, s := range f.Sites {
			switch {
			case s.Idle:
			case a.Must.Has(s.Index):
				out.Surely = append(out.Surely, r.sites[s])
			case a.May.Has(s.Index):
				out.Maybe = append(out.Maybe, r.sites[s])
			}
		}
		return out
	}
	g := &Graph{}
	for _, b := range f.Flow() {
		block := Block{Kind: b.Kind, Succs: b.Succs, In: active(b.In), Out: active(b.Out), Exit: r.exits[b.Exit]}
		for _, n := range b.Nodes {
			block.Lines = append(block.Lines, r.line(n.Pos()))
			block.Text = append(block.Text, r.text(n))
		}
		g.Blocks = append(g.Blocks, block)
	}
	return g
}

// text returns a piece of the file on one line, without comments, and cut off where
// it is long: a literal may have thousands of lines.
func (r *reporter) text(n ast.Node) string {
	const room = 60
	from, to := r.file.Offset(n.Pos()), min(r.file.Offset(n.End()), len(r.src))
	if from >= to {
		return ""
	}
	part := token.NewFileSet().AddFile("", -1, to-from)
	var scan scanner.Scanner
	scan.Init(part, r.src[from:to], nil, 0)
	var b strings.Builder
	end := 0 // of the token before
	for n := 0; n <= 4*room; n = b.Len() {
		pos, tok, lit := scan.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if lit == "" {
			lit = tok.String()
		}
		if at := part.Offset(pos); at > end {
			b.WriteByte(' ')
			end = at
		}
		end += len(lit)
		b.WriteString(strings.Join(strings.Fields(lit), " ")) // a raw string has lines
	}
	if r := []rune(b.String()); len(r) > room {
		return string(r[:room-3]) + "..."
	}
	return b.String()
}

// GuardsByReason puts guards together that are there for the same panic, in the order of
// the first of them.
func (f *Function) GuardsByReason() (groups [][]*Guard) {
	for _, g := range f.Guards {
		i := slices.IndexFunc(groups, func(same []*Guard) bool { return slices.EqualFunc(same[0].Why, g.Why, sameReason) })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], g)
	}
	return groups
}

func sameReason(a, b Reason) bool { return a.Pos == b.Pos && a.String() == b.String() }

// Ref names a site by its line, or by line and column where two share one.
func (f *Function) Ref(s *Site) string {
	for _, other := range f.Sites {
		if other != s && other.Pos.Line == s.Pos.Line {
			return strconv.Itoa(s.Pos.Line) + ":" + strconv.Itoa(s.Pos.Column)
		}
	}
	return strconv.Itoa(s.Pos.Line)
}
