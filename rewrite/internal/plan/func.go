package plan

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Unit is the plan for a top-level declaration.
type Unit struct {
	*analysis.Unit
	Funcs   []*Func  // innermost first
	Names   *Names   // all identifiers in use; those of its functions share them
	Imports *Imports // of its file
	Runtime Qualifier

	// The names by which it may use what Imports adds, by path: a type may have been
	// spelled in vain.
	Imported map[string]string

	// What the order of initialisation may depend on, where the declaration refers to it.
	Orders map[types.Object]bool

	actives []*Func // those that call a variable of their mask "active"
}

// Same reports whether the declaration stays as it is.
func (u *Unit) Same() bool {
	return !slices.ContainsFunc(u.Funcs, func(f *Func) bool { return !f.Same })
}

// LowersIn reports whether lit, or a literal in it, changes.
func (u *Unit) LowersIn(lit *ast.FuncLit) bool {
	return slices.ContainsFunc(u.Funcs, func(f *Func) bool {
		return !f.Same && lit.Pos() <= f.Node.Pos() && f.Node.End() <= lit.End()
	})
}

// A Func is the plan for one function.
type Func struct {
	*analysis.Func
	Unit    *Unit
	Names   *Names
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
}

// A Link is an element of a chain: a site outside of all cycles, or all sites of one
// cycle, whose calls run in the reverse order of their records.
type Link struct {
	Site    *Site
	Records *Records
}

// A Site is the plan for one defer statement.
type Site struct {
	*analysis.Site
	Func     *Func
	Before   analysis.Active // without the sites that are idle
	Strategy *Strategy
	Why      Reasons
	Heap     bool
	Idle     bool    // its call does nothing: findIdle
	Gone     bool    // nothing is left of it, since nobody calls its literal
	Stays    Reasons // why the defer statement stays as it is; nil where it does not
	Own      bool    // its literal is its own guard: it asks first whether it is pending
	Silent   bool    // its literal does nothing at an exit, where recover returns nil
	Guard    *Guard  // that runs its entry when a panic comes; nil where none does
	With     *Site   // with the same guard, a newer one whose bit stands for both; or nil
	Unwinds  Reasons // why a panic or Goexit may find its call pending; nil where none does
	Bit      int     // number of its bit in the mask, or -1
	Calm     bool    // it has one, or With, and neither a panic nor a Goexit comes out of its call
	Call     *Call
	Records  *Records // nil outside cycles
	Store    *Records // with Steady: what is kept of the site itself
	Tag      int      // tells the sites of one cycle apart

	ByFunc bool // the variable of its literal is nil where it is not pending
	NoOp   bool // that holds a literal which does nothing there: an exit need not ask

	If *ast.IfStmt // whose condition the exits ask again in place of a bit; nothing is left of it. Or nil

	inline      bool // its literal's body stands in the place of its call
	noInduction bool // its call may not be written with the induction variable
}

// because adds a reason.
func (s *Site) because(k Kind, args ...any) { s.Why = append(s.Why, because(k, args...)...) }

// A Guard is a native deferred function that lowered code keeps, for
// -unwind=native: it runs the pending entry of a site, or those of one segment of the chain.
//
// What only a panic itself may call, since it recovers or cannot be seen, stays
// a native defer statement (segment.go). Such statements divide a function's
// sites into segments, and each of these has a guard, registered where Go runs
// it in its turn:
//
//	defer mu.Unlock()     the first guard
//	defer done(1)         stays
//	defer f.Close()       the second guard, behind "defer done(1)"
//	defer os.Remove(name)
type Guard struct {
	Links  []Link   // what it runs, newest first
	Before ast.Stmt // where it stands: before this statement, or at the site that it is
}

// An Exit is the plan for one place where the body ends normally.
type Exit struct {
	*analysis.Exit
	Active analysis.Active // without the sites that are idle
	Runs   analysis.Bits   // the sites that are called there; what else is pending is left to Go
	Plain  bool            // nothing is called: it stays as it is
	Set    *Set            // what happens to the operands of its return statement
	Stays  bool            // the return statement stays, though the chain before it ends in a panic
	Block  ast.Node        // the block or clause at whose end the calls stand, see blockExits; or nil
	Behind *analysis.Exit  // the exit behind Block

	known   analysis.Nilness   // before the return statement
	remains map[*Site]*Remains // of the deferred literals that are pending
}

// Remains returns what is left of the literal that s defers, where it is
// pending at e; nil if no test in it was looked at.
func (e *Exit) Remains(s *Site) *Remains { return e.remains[s] }

// left returns the nodes of the literal of s that are left at e.
func (e *Exit) left(s *Site) []ast.Node {
	if r := e.remains[s]; r != nil {
		return r.kept
	}
	return []ast.Node{s.Callee.Lit.Body}
}

// Records is where the entries of one cycle are kept.
type Records struct {
	Layout     *Layout
	Sites      []*Site
	Iterations *Iterations // nil where an iteration may skip a site
	Name       string      // of the variable
	Number     string      // the variable that counts the entries; "" where Layout has none
	Fields     []Field     // of a record
	Scalar     bool        // the element is the one field itself
	Type       string      // of an element; for a struct type with a name, its name
	Local      string      // declaration of that type, "" where it needs none
	Elem       string      // name of the variable that holds one element at the exit
	Index      string      // name of the number of an element of a Slice at the exit
	Zero       string      // expression for a zero element; "" where nothing need be released
	Len        int64       // of an Array, or what Promise is about
	LenText    string      // Len as the type of an Array says it: "4", or a constant of the program
	Room       int64       // of a Slice: how many records the frame has room for, or 0
	Buf        string      // the name of that room
	Grow       *Grow       // of a Slice: how it gets more room, once; nil where it grows by itself
	Promise    string      // what the site panics with where there are Len entries already, a promise of the author; or ""
}

// A Layout is a way to keep records: what others ask of it. layout.go has the table.
type Layout struct {
	Name    string
	OnHeap  bool // records are on the heap, or come to be there when they are many
	Counted bool // a variable, Records.Number, counts the entries
	Bare    bool // that number is all that it keeps
	Apart   bool // besides it, each site has a store of its own
	Cost    Kind // of a site, while no record is on the heap
}

// A Strategy is a way to keep track of the entries of a site: what others ask of it.
// choose.go has the table.
type Strategy struct {
	Name  string
	Stays bool // the defer statement stays
	Never bool // no entry is ever called
	Asks  bool // an exit asks whether an entry is pending
}

// A Field is a field of a record.
type Field struct {
	Name, Type string
	typ        types.Type
	used       map[*Site]bool
}

// becauseAt returns a list of one reason, which is about something at pos.
func (f *Func) becauseAt(pos token.Pos, k Kind, args ...any) Reasons {
	return Reasons{{Kind: k, Pos: f.position(pos), Args: texts(args)}}
}

func (f *Func) position(pos token.Pos) token.Position { return f.Unit.Pkg.Fset.Position(pos) }

func (f *Func) line(pos token.Pos) int { return f.Unit.Pkg.Fset.Position(pos).Line }

// First returns the first site in the source that does not stay as it is.
func (f *Func) First() *Site {
	return f.Sites[slices.IndexFunc(f.Sites, func(s *Site) bool { return s.Stays == nil })]
}

// FirstSite returns the first site, if the new variables stand right there; nil if
// they stand before a statement that contains it.
func (f *Func) FirstSite() *Site {
	if s := f.First(); !f.HasGoto && s.TopLevel && !s.Dead {
		return s
	}
	return nil
}

// pending reports whether s is pending at some exit, or may be when a panic
// passes.
func (f *Func) pending(s *Site) bool {
	return s.Guard != nil || s.Own || slices.ContainsFunc(f.Exits, func(e *Exit) bool { return e.Runs.Has(s.Index) })
}

// deferring returns the site that defers lit itself, or nil.
func (f *Func) deferring(lit *ast.FuncLit) *Site {
	i := slices.IndexFunc(f.Sites, func(s *Site) bool { return s.Callee.Lit == lit })
	if i < 0 {
		return nil
	}
	return f.Sites[i]
}

// oldestFirst returns the sites that a path leads to, oldest first.
func (f *Func) oldestFirst() (sites []*Site) {
	for _, s := range f.Sites {
		if !s.Dead {
			sites = append(sites, s)
		}
	}
	slices.SortStableFunc(sites, func(a, b *Site) int { return cmp.Compare(a.Order, b.Order) })
	return sites
}

// dotImported reports whether obj is of a package whose names stand for themselves in the
// file: import . "fmt".
func (f *Func) dotImported(obj types.Object) bool {
	return slices.ContainsFunc(f.Unit.File.Syntax.Imports, func(spec *ast.ImportSpec) bool {
		p, ok := importedName(f.Unit.Pkg.Info, spec)
		return ok && p.Name() == "." && p.Imported() == obj.Pkg() && obj.Parent() == obj.Pkg().Scope()
	})
}

// standsAt reports whether the guard of s stands at s itself, or behind it in its list, or s has none.
func (s *Site) standsAt() bool {
	return s.Guard == nil || s.With != nil || s.Guard.Before == ast.Stmt(s.Stmt)
}

// inTheWay reports whether Go runs the call of s behind everything that is called at
// an exit: its defer statement stays, and does something there. Then nothing older
// can be called at the exit.
func (s *Site) inTheWay() bool { return s.Stays != nil && !s.Silent }

// inRangeFunc reports whether s stands in the body of a range-over-func loop.
func (s *Site) inRangeFunc() bool {
	return slices.ContainsFunc(s.Loops, func(l *analysis.Loop) bool {
		rs, ok := l.Stmt.(*ast.RangeStmt)
		return ok && analysis.IsRangeFunc(s.Func.Unit.Pkg.Info, rs)
	})
}

// guardsItself reports whether the literal of s can be its own guard: a panic
// calls it, and it first asks whether it is pending.
func (s *Site) guardsItself() bool {
	return s.Callee.Lit != nil && s.Cycle < 0 && s.Callee.Sig.Results().Len() == 0 && !s.inRangeFunc()
}

// plainLiteral reports whether s, outside of loops, defers a literal that takes
// and returns nothing, and does not recover.
func (s *Site) plainLiteral() bool {
	c := s.Callee
	return c.Lit != nil && s.Cycle < 0 && len(c.Recover) == 0 && c.Sig.Params().Len() == 0 && c.Sig.Results().Len() == 0
}

// paramType returns the type of the parameter that t is passed to.
func (s *Site) paramType(t *Temp) types.Type {
	sig := s.Callee.Sig
	if sig == nil {
		return nil
	}
	for i, a := range s.Call.Args {
		if a.Temp != t {
			continue
		}
		last := sig.Params().Len() - 1
		if sig.Variadic() && i >= last && !s.Stmt.Call.Ellipsis.IsValid() {
			return sig.Params().At(last).Type().(*types.Slice).Elem()
		}
		return sig.Params().At(i).Type()
	}
	return nil
}

// capturesOnHeap reports whether each entry of s has a closure of its own: a literal,
// a method value or a thunk.
func (s *Site) capturesOnHeap() bool {
	if s.Call.Thunk != nil {
		return true
	}
	for _, t := range s.Call.Temps {
		if t.Value.Lit != nil || s.Callee.Kind == analysis.Method && t == s.Call.Fun {
			return true
		}
	}
	return false
}

// eachAgain visits the identifiers of the call of s that are written again at the
// exit: not those in an operand that is saved.
func (s *Site) eachAgain(visit func(*ast.Ident)) {
	if s.Call.Thunk != nil {
		return
	}
	saved := map[ast.Node]bool{}
	for _, t := range s.Call.Temps {
		if !t.Value.Captured {
			saved[t.Value.Expr] = true
		}
	}
	if s.Call.Spread {
		saved[s.Stmt.Call.Args[0]] = true
	}
	ast.Inspect(s.Stmt.Call, func(n ast.Node) bool {
		if n == nil || saved[n] {
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			visit(id)
		}
		return true
	})
}

// Place returns where the records of s are: a store of its own, or that of its cycle.
func (s *Site) Place() *Records {
	if s.Store != nil {
		return s.Store
	}
	return s.Records
}

// Stores lists the stores of a cycle: one for each site, where they take turns, else
// r.
func (r *Records) Stores() (list []*Records) {
	if !r.Layout.Apart {
		return []*Records{r}
	}
	for _, s := range r.Sites {
		list = append(list, s.Store)
	}
	return list
}

// bound returns how many entries can be pending at most, or -1 where nobody knows,
// and whether that rests on a promise.
func (r *Records) bound() (n int64, promise bool) {
	for _, s := range r.Sites {
		if s.Bound < 0 {
			return -1, false
		}
		n += max(s.Bound, 1)
		promise = promise || s.Promise
	}
	return n, promise
}

// inRangeFunc reports whether a site stands in the body of a range-over-func loop. gc
// may move what that body uses of the frame to the heap.
func (r *Records) inRangeFunc() bool {
	return slices.ContainsFunc(r.Sites, (*Site).inRangeFunc)
}
