package plan

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/nopanic"
)

// Options are what the user chose.
type Options struct {
	Native  bool // panics and Goexit run the chain
	Keep    bool // defer statements stay where gc's own code is at least as good
	Prover  *nopanic.Prover
	Globals *analysis.Globals
}

// A Unit is the plan for a top-level declaration.
type Unit struct {
	*analysis.Unit
	Funcs   []*Func  // innermost first
	Names   *Names   // all identifiers in use
	Imports *Imports // of its file
	Runtime Qualifier

	imported map[string]string          // the names by which it uses added imports, by path
	declares map[string]bool            // names that mean something else inside the declaration
	ofC      map[*types.TypeName]string // see speller.ofC; nil until it is asked
}

// A Qualifier goes before the names of the bundled runtime: "dedefer." where it
// is imported by that name, "dedefer_" where the package has a copy of its own whose
// names begin so.
type Qualifier string

// Of returns how lowered code writes a name of the bundled runtime.
func (q Qualifier) Of(name string) string { return string(q) + name }

// Imports are what the units of a file import together.
type Imports struct {
	Added []Import // for a type's sake
	names *Names   // all identifiers of the file
	taken map[string]bool
}

// An Import is that of a package by a name.
type Import struct {
	Path, Name string
	Own        bool // Name is the package's own
}

// NewImports returns an empty set for the file. Of its names, those that it declares
// inside of functions are in no import's way; elsewhere are more names that the
// package has.
func NewImports(names *Names, elsewhere map[string]bool) *Imports {
	taken := maps.Clone(names.outer)
	maps.Copy(taken, elsewhere)
	return &Imports{names: names, taken: taken}
}

// add returns the name by which a package called own is imported, one that is not
// taken in a part of the file.
func (im *Imports) add(path, own string, part *Names) string {
	for _, imp := range im.Added {
		if imp.Path == path && !part.taken(imp.Name) {
			return imp.Name
		}
	}
	name := own
	for i := 1; im.taken[name] || part.taken(name); i++ {
		name = fmt.Sprint(own, i)
	}
	im.taken[name] = true
	im.Added = append(im.Added, Import{Path: path, Name: name, Own: name == own})
	return name
}

// A Func is the plan for one function.
type Func struct {
	*analysis.Func
	Unit    *Unit
	Sites   []*Site
	Chain   []Link   // newest first: the order in which an exit runs entries
	Proof   Reasons  // why no guard is needed; nil where there is one, or none is ever kept
	Kept    Reasons  // why all defer statements stay as they are, for a reason that they share; nil where there is none
	Same    bool     // all defer statements stay as they are
	Unwinds Reasons  // why a panic or Goexit may find calls pending; nil where none does
	Guards  []*Guard // oldest first
	Exits   []*Exit
	Tail    *Tail // nil where each exit has its own chain
	At      int   // index in Body.List before which variables and guard go
	Mask    *Mask // nil where no site has a bit
	Results []Result
	Renames map[types.Object]string // variables that would hide a result
	Losses  []Loss                  // none only: what changes
	Words   Words                   // how to write predeclared identifiers

	opts Options
	info *types.Info
	fn   *types.Scope // of parameters and body

	frame  *nopanic.Frame
	shared bool  // exits share one tail
	site   *Site // whose operands are being planned
	exit   *Exit // whose operands are being planned
}

// A Link is an element of a chain: a site outside all cycles, or all sites of
// one cycle, which run in the order that their records were made.
type Link struct {
	Site    *Site
	Records *Records
}

// A Site is the plan for one defer statement.
type Site struct {
	*analysis.Site
	Func     *Func
	Before   analysis.Active // without the sites that are idle
	Strategy string
	Why      Reasons
	Heap     bool
	Idle     bool    // its call does nothing, because no panic runs it
	Stays    Reasons // why the defer statement stays as it is; nil where it does not
	Own      bool    // its literal is its own guard: it asks first whether it is pending
	Silent   bool    // its literal does nothing at an exit, where recover returns nil
	Guard    *Guard  // that runs its entry when a panic comes; nil where none does
	Bit      int     // number of its bit in the mask, or -1
	Call     *Call
	Records  *Records // nil outside cycles
	Store    *Records // with Steady: what is kept of the site itself
	Tag      int      // tells the sites of one cycle apart

	calm *bool  // no panic or Goexit comes out of its call; nil where nobody has asked
	way  []step // to its statement

	ByFunc      bool // the variable of its literal is nil where it is not pending
	inline      bool // its literal's body stands in the place of its call
	noInduction bool // its call may not be written with the induction variable
}

// because adds a reason.
func (s *Site) because(k Kind, args ...any) { s.Why = append(s.Why, because(k, args...)...) }

// A Result is one result of the function.
type Result struct {
	Name    string // as it will be called; "" for unnamed
	Renamed bool   // the signature has to be changed to say so
	Var     *types.Var
	fresh   bool // only return statements can assign to it
}

// New plans the functions of a unit. runtime is how the file names what it comes to
// use of the bundled runtime.
func New(u *analysis.Unit, opts Options, imports *Imports, runtime Qualifier) *Unit {
	pu := &Unit{
		Unit: u, Runtime: runtime, Imports: imports, imported: map[string]string{},
		Names: imports.names.inside(u.Decl), declares: declaredIn(u.Decl, u.Pkg.Info),
	}
	pu.Names.Use(strings.TrimSuffix(string(runtime), "."))
	for _, af := range u.Funcs {
		f := &Func{
			Func: af, Unit: pu, opts: opts, info: u.Pkg.Info,
			fn: u.Pkg.Info.Scopes[af.Type], Renames: map[types.Object]string{},
			frame: opts.Prover.Frame(af, opts.Native),
		}
		f.plan()
		pu.Funcs = append(pu.Funcs, f)
	}
	return pu
}

// Same reports whether the declaration stays as it is.
func (u *Unit) Same() bool {
	return !slices.ContainsFunc(u.Funcs, func(f *Func) bool { return !f.Same })
}

// declaredIn returns the names that are declared anywhere in decl.
func declaredIn(decl ast.Decl, info *types.Info) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(decl, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if _, isDef := info.Defs[id]; isDef {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

func (f *Func) plan() {
	for _, s := range f.Func.Sites {
		f.Sites = append(f.Sites, &Site{Site: s, Func: f, Bit: -1})
	}
	f.findIdle()
	f.decideGuards()
	for _, s := range f.Sites {
		s.Heap = (f.Kept != nil || s.Stays != nil) && (s.Cycle >= 0 || len(s.Loops) > 0)
	}
	if f.Same {
		for _, s := range f.Sites {
			f.choose(s)
		}
		return
	}
	f.At = f.prologue()
	f.chooseWords()
	f.decideTail()
	f.orderChain()
	f.decideRemains()
	for _, s := range f.Sites {
		f.choose(s)
	}
	f.assignBits()
	f.decideResults()
	for _, s := range f.Sites {
		f.operands(s)
		f.captureNoInduction(s)
	}
	for _, l := range f.Chain {
		if l.Records != nil {
			f.layOut(l.Records)
		}
	}
	f.dropReturns()
	f.nameAll()
	f.Losses = f.losses()
}

// First returns the first site in the source that does not stay as it is.
func (f *Func) First() *Site {
	return f.Sites[slices.IndexFunc(f.Sites, func(s *Site) bool { return s.Stays == nil })]
}

// prologue finds the statement of the body before which new variables go, and
// the first guard unless it stands deeper: outside every loop, before the first
// site that is lowered, and where no goto can jump over them.
func (f *Func) prologue() int {
	if f.HasGoto {
		return 0
	}
	first := f.First().Stmt.Pos()
	for i, s := range f.Body.List {
		if first < s.End() {
			return i
		}
	}
	return 0
}

// orderChain orders the sites, newest first.
func (f *Func) orderChain() {
	records := make([]*Records, f.Cycles)
	sites := slices.Clone(f.Sites)
	slices.SortStableFunc(sites, func(a, b *Site) int { return cmp.Compare(b.Order, a.Order) })
	for _, s := range sites {
		switch {
		case s.Stays != nil || s.Dead || !f.pending(s):
		case s.Cycle < 0:
			f.link(Link{Site: s}, s)
		default:
			r := records[s.Cycle]
			if r == nil {
				r = &Records{}
				records[s.Cycle] = r
				f.link(Link{Records: r}, s)
			}
			r.Sites = append(r.Sites, s)
			s.Records = r
		}
	}
	for _, r := range records {
		if r == nil {
			continue
		}
		slices.SortFunc(r.Sites, func(a, b *Site) int { return cmp.Compare(a.Index, b.Index) })
		for i, s := range r.Sites {
			s.Tag = i
		}
		r.Iterations = f.iterations(r)
	}
}

// link adds l, which s is in, to the chain and to what its guard runs.
func (f *Func) link(l Link, s *Site) {
	f.Chain = append(f.Chain, l)
	if s.Guard != nil {
		s.Guard.Links = append(s.Guard.Links, l)
	}
}

// pending reports whether s is pending at some exit, or may be when a panic
// passes.
func (f *Func) pending(s *Site) bool {
	return s.Guard != nil || s.Own || slices.ContainsFunc(f.Exits, func(e *Exit) bool { return e.Runs.Has(s.Index) })
}

// FirstSite returns the site that the variables stand at, or nil where they
// stand before a statement that contains the first site.
func (f *Func) FirstSite() *Site {
	if s := f.First(); !f.HasGoto && s.TopLevel && !s.Dead {
		return s
	}
	return nil
}

// standsAt reports whether the guard of s, if it has one, stands at s itself.
func (s *Site) standsAt() bool { return s.Guard == nil || s.Guard.Before == ast.Stmt(s.Stmt) }

func (f *Func) line(pos token.Pos) int { return f.Unit.Pkg.Fset.Position(pos).Line }

// visible reports whether name, at pos, means obj. A nil scope stands for the
// innermost one.
func (f *Func) visible(obj types.Object, name string, scope *types.Scope, pos token.Pos) bool {
	if scope == nil {
		scope = f.fn.Innermost(pos)
	}
	if scope == nil {
		return false
	}
	_, found := scope.LookupParent(name, pos)
	return found == obj
}

// notNil reports whether the variable x cannot be nil at s.
func (f *Func) notNil(x ast.Expr, s *Site) bool { return f.frame.NotNil(x, s.Stmt) }

func (f *Func) isRangeFunc(s *ast.RangeStmt) bool { return analysis.IsRangeFunc(f.info, s) }

// A place is where an entry's call is written.
type place struct {
	scope *types.Scope
	pos   token.Pos
}

// start is the place of the variables and the guard.
func (f *Func) start() place {
	if len(f.Body.List) == 0 {
		return place{f.fn, f.Body.Rbrace}
	}
	return place{f.fn, f.Body.List[f.At].Pos()}
}

// places lists where the call of s is written.
func (f *Func) places(s *Site) []place {
	var at []place
	if f.Tail != nil || s.Records != nil {
		at = append(at, f.start())
	}
	if s.Guard != nil {
		at = append(at, place{nil, s.Guard.Before.Pos()})
	}
	if f.Tail != nil {
		return at
	}
	for _, e := range f.Exits {
		switch {
		case !e.Runs.Has(s.Index):
		case e.Return == nil:
			at = append(at, place{f.fn, f.Body.Rbrace})
		default:
			at = append(at, place{nil, e.Pos})
		}
	}
	return at
}

func (f *Func) visibleAt(obj types.Object, name string, places []place) bool {
	for _, p := range places {
		if !f.visible(obj, name, p.scope, p.pos) {
			return false
		}
	}
	return true
}

// namesVisible reports whether every identifier of e means the same at all
// places as it does where it stands.
func (f *Func) namesVisible(e ast.Expr, places []place) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ok = ok && f.namesVisible(n.X, places)
			return false
		case *ast.KeyValueExpr:
			if id, isID := n.Key.(*ast.Ident); isID {
				if v, isVar := f.info.Uses[id].(*types.Var); isVar && v.IsField() {
					ok = ok && f.namesVisible(n.Value, places)
					return false
				}
			}
		case *ast.Ident:
			obj := f.info.Uses[n]
			if n.Name != "_" && (obj == nil || !f.visibleAt(obj, n.Name, places)) {
				ok = false
			}
		}
		return ok
	})
	return ok
}
