package nopanic

import (
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// A Frame is what the walk through a function with sites has found.
type Frame struct {
	Obstacle *facts.Obstacle // the first one, or nil
	Calls    []string        // with no obstacle: the functions that the proof went into, sorted

	w      *walker
	prover *Prover
	f      *analysis.Func
}

// Frame walks through f. What may run behind its first site counts, with all deferred
// calls but the one that runs last. With look false it only learns what is not nil.
func (l *Prover) Frame(f *analysis.Func, look bool) *Frame {
	w := l.frame(f, f.Sites[0], look, over(f, f.Sites...))
	return &Frame{Obstacle: w.obstacles(), Calls: slices.Sorted(maps.Keys(w.calls)), w: w, prover: l, f: f}
}

// Behind returns the first obstacle that may find the call of site pending. For the first
// site of the function that is Obstacle. Where the site is called at the end of a block, which
// until is, nothing behind that finds it pending.
func (fr *Frame) Behind(site *analysis.Site, until token.Pos) *facts.Obstacle {
	if !until.IsValid() {
		until = over(fr.f, site)
	}
	if site == fr.f.Sites[0] && !until.IsValid() {
		return fr.Obstacle
	}
	return fr.prover.frame(fr.f, site, true, until).obstacles()
}

// CalmBetween reports whether neither a panic nor a Goexit comes out of what runs behind the
// site older up to the site newer, its operands included.
func (fr *Frame) CalmBetween(older, newer *analysis.Site) bool {
	w := fr.prover.frame(fr.f, older, true, newer.Stmt.End())
	return w.first == nil && w.rare == nil
}

// frame walks through f, where what may run behind site counts, until nothing is pending any more.
func (l *Prover) frame(f *analysis.Func, site *analysis.Site, look bool, until token.Pos) *walker {
	w := l.walker(f.Unit.File, f.Unit.Vars)
	w.frame, w.site, w.idle, w.until = f, site, !look, until
	if lit, ok := f.Node.(*ast.FuncLit); ok {
		w.facts = l.around(f.Unit)[lit]
	}
	w.atSite, w.framesAt = map[*ast.DeferStmt]*fact{}, map[*ast.DeferStmt][]frame{}
	if f.HasGoto {
		w.obstacle(f.Body.Pos(), "a goto leads to where calls are pending")
	}
	for _, s := range f.Sites {
		if s.Promise && s.Cycle >= 0 {
			w.obstacle(s.Stmt.Pos(), "the promise of a bound may break")
		}
	}
	w.body(f.Body)
	return w
}

// around returns what is known in each function literal of u, from where it stands:
//
//	t.wg.Add(1)
//	go func() {
//		defer t.wg.Done() // t is not nil
func (l *Prover) around(u *analysis.Unit) map[*ast.FuncLit]*fact {
	if known, seen := l.literals[u]; seen {
		return known
	}
	w := l.walker(u.File, u.Vars)
	w.idle, w.around = true, map[*ast.FuncLit]*fact{}
	if d, ok := u.Decl.(*ast.FuncDecl); ok {
		w.body(d.Body)
	}
	l.literals[u] = w.around
	return w.around
}

// inside walks through a literal that runs some time, with what is known in front of the
// statement that it is part of: another part of that may run it.
func (w *walker) inside(lit *ast.FuncLit) {
	if w.around == nil {
		return
	}
	inner := *w
	inner.facts = w.atStmt.lasting()
	w.around[lit] = inner.facts
	inner.literals = maps.Clone(w.literals)
	inner.body(lit.Body)
}

// over returns where none of the calls of sites is pending any more; token.NoPos where that is
// not known.
//
//	if cached {
//		defer mu.Unlock()
//		return find()
//	}
//	… // here
func over(f *analysis.Func, sites ...*analysis.Site) (end token.Pos) {
	for _, s := range sites {
		list := f.Behind(s)
		if s.Cycle >= 0 || !analysis.Returns(list) {
			return token.NoPos
		}
		end = max(end, list[len(list)-1].End())
	}
	return end
}

// obstacles returns the one to tell of those that w has found, or nil.
func (w *walker) obstacles() *facts.Obstacle { return cmp.Or(w.first, w.rare, w.atExit) }

// Calm reports whether neither a panic nor a Goexit comes out of the deferred
// call of site.
func (fr *Frame) Calm(site *ast.DeferStmt) bool {
	w := *fr.w
	w.frame, w.site, w.idle, w.first, w.rare = nil, nil, false, nil, nil
	w.facts, w.walked = w.atSite[site], map[*ast.FuncLit]bool{}
	w.call(site.Call)
	return w.first == nil && w.rare == nil
}

// NotNil reports whether x, a variable or a field, cannot be nil at site.
func (fr *Frame) NotNil(x ast.Expr, site *ast.DeferStmt) bool {
	v := fr.w.variable(x)
	fr.w.facts, fr.w.frames = fr.w.atSite[site], fr.w.framesAt[site]
	defer func() { fr.w.frames = nil }()
	return v != nil && fr.w.knows(v) || fr.w.holds(x)
}

// Keeps reports whether the field x holds the same from site to all places where its call is
// written: no other call runs first, and nothing behind it may change x.
func (fr *Frame) Keeps(x ast.Expr, site *analysis.Site) bool {
	p := placeOf(fr.w.info, x)
	if p == nil || fr.w.unsafe || fr.f.HasGoto || site.Cycle >= 0 || len(site.Loops) > 0 {
		return false
	}
	for _, other := range fr.f.Sites {
		if other.Order > site.Order {
			return false
		}
	}
	changed := false
	ast.Inspect(fr.f.Body, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 { // sets the results
			for v := range fr.f.Sig.Results().Variables() {
				changed = changed || v.Name() != "" && (v == p.root || p.within(v.Type()))
			}
		}
		s, ok := n.(ast.Stmt)
		if !ok || s.End() <= site.Stmt.End() {
			return !changed
		}
		if s.Pos() >= site.Stmt.End() {
			changed = changed || p.changes(fr.w.info, s)
			return false
		}
		return !changed
	})
	return !changed
}

// Within reports whether the variable index is in range for the array or slice
// x, a variable too, at site.
func (fr *Frame) Within(index, x ast.Expr, site *ast.DeferStmt) bool {
	fr.w.facts = fr.w.atSite[site]
	return fr.w.within(index, x)
}
