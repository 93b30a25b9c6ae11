package plan

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// A Guard is a native deferred function that lowered code keeps, for
// -unwind=native: it runs those pending entries of one segment of the chain.
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

// openCoded is the number of exits times deferred calls up to which gc
// open-codes the calls of a function, and openCodedSites how many calls there
// can be (cmd/compile/internal/ssagen, walk).
const (
	openCoded      = 15
	openCodedSites = 8
)

// decideGuards decides, where a panic or Goexit may find entries pending, which
// sites stay native, which are called at the exits, and what runs these when a
// panic comes. What needs no guard is called at every exit where it is pending.
func (f *Func) decideGuards() {
	// recover itself, deferred, stops no panic of its own frame.
	if !f.opts.Native || !slices.ContainsFunc(f.Sites, func(s *Site) bool { return !s.Dead && s.Callee.Builtin != "recover" }) {
		return
	}
	switch {
	case f.Unit.NoSplit:
		f.Kept = because(NoSplit)
	case f.Unit.NoCheckPtr:
		f.Kept = because(NoCheckPtr)
	case f.frame.Obstacle == nil:
		for _, s := range f.Sites {
			f.Kept = append(f.Kept, f.rereads(s)...)
		}
	}
	if f.Kept == nil && f.frame.Obstacle == nil {
		f.Proof = f.proof()
		return
	}
	if f.Kept == nil {
		f.Kept = f.keeps()
	}
	if f.Kept == nil && f.opts.Keep {
		f.Kept = f.asGood()
	}
	if f.Kept == nil {
		f.Unwinds = obstacle(f.frame.Obstacle)
		f.settle()
		f.Kept = f.segments()
	}
	f.Same = f.Kept != nil || !slices.ContainsFunc(f.Sites, func(s *Site) bool { return !s.Dead && s.Stays == nil })
}

// keeps reports why the frame's defer statements have to stay.
// Once an entry has recovered the frame's own panic, a recover that is itself
// deferred behaves as if the frame called it: it stops the panic that called
// the frame. Neither a guard nor its entries can do that.
func (f *Func) keeps() Reasons {
	for _, r := range f.Sites {
		if r.Dead || r.Callee.Builtin != "recover" {
			continue
		}
		for _, s := range f.Sites {
			later := s.Order > r.Order || s.Cycle >= 0 && s.Cycle == r.Cycle
			if later && !s.Dead && s.Recovers.How != analysis.Never {
				return f.becauseAt(r.Stmt.Pos(), DefersItself, f.line(s.Stmt.Pos()))
			}
		}
	}
	return nil
}

// asGood reports why gc's own code for the frame is at least as good as guards
// and calls at the exits: gc open-codes all its defer statements, and a panic,
// which runs them from the frame, need not go through a guard of several entries.
func (f *Func) asGood() Reasons {
	gc := f.GC()
	if slices.ContainsFunc(f.oldestFirst(), func(s *Site) bool { return gc.Class[s.Index] != analysis.OpenCoded }) {
		return nil
	}
	return because(AsGood)
}

// falseIn reports whether false is the predeclared one in the body of lit.
func (f *Func) falseIn(lit *ast.FuncLit) bool {
	return f.visible(types.Universe.Lookup("false"), "false", f.info.Scopes[lit.Type], lit.Body.Pos())
}

// settle decides which sites stay native. It goes on until nothing changes, for
// a defer statement that stays is in the way of the older ones.
func (f *Func) settle() {
	for _, s := range f.Sites {
		if s.Dead {
			continue
		}
		if s.Stays = f.rereads(s); s.Stays != nil {
			continue
		}
		switch s.Recovers.How {
		case analysis.Maybe:
			s.Stays = because(MustCall, s.Recovers.Why)
		case analysis.Inside:
			if f.guardsItself(s) {
				s.Own, s.Silent = true, f.onlyRecovers(s.Callee)
			} else {
				s.Stays = because(MustCall, "the literal recovers")
			}
		}
	}
	uniform := false
	for again := true; again; {
		f.decideRuns(uniform)
		again = f.keepCycles() || f.keepBelow()
		if !again && !uniform && f.shares() && slices.ContainsFunc(f.Sites, (*Site).inTheWay) {
			// All exits run the same chain then.
			uniform, again = true, true
		}
	}
	f.shared = f.shares()
	for _, s := range f.Sites {
		if s.Silent && s.Stays == nil && !f.isOver(s) {
			s.Stays = because(OnlyRecovers)
		}
		s.Own = s.Own && s.Stays == nil
	}
	for _, e := range f.Exits {
		f.dropSilent(e.Runs)
	}
}

// dropSilent takes the literals out of runs that need not be told that they are
// over, since nothing is called behind them.
func (f *Func) dropSilent(runs analysis.Bits) {
	oldest := math.MaxInt
	for _, s := range f.Sites {
		if runs.Has(s.Index) && !s.Silent {
			oldest = min(oldest, s.Order)
		}
	}
	for _, s := range f.Sites {
		if s.Silent && (s.Stays != nil || s.Order < oldest) {
			runs.Clear(s.Index)
		}
	}
}

// guardsItself reports whether the literal of s can be its own guard: a panic
// calls it, and it first asks whether it is pending.
func (f *Func) guardsItself(s *Site) bool {
	return s.Callee.Lit != nil && s.Cycle < 0 && s.Callee.Sig.Results().Len() == 0 && !s.inRangeFunc()
}

// inTheWay reports whether the native defer statement of s is run by Go behind
// whatever is called at the exits, so that nothing older can be called there.
func (s *Site) inTheWay() bool { return s.Stays != nil && !s.Silent }

// decideRuns decides which sites are called at which exits: what is newer than
// every pending entry that Go itself runs. With uniform, all exits are taken
// for one.
func (f *Func) decideRuns(uniform bool) {
	for _, e := range f.Exits {
		newest := -1
		for _, s := range f.Sites {
			if s.inTheWay() && (uniform || e.Active.May.Has(s.Index)) {
				newest = max(newest, s.Order)
			}
		}
		e.Runs = analysis.NewBits(len(f.Sites))
		for _, s := range f.Sites {
			if e.Active.May.Has(s.Index) && s.Stays == nil && s.Order > newest {
				e.Runs.Set(s.Index)
			}
		}
	}
}

// keepBelow lets those sites stay for whose explicit call there is no room, and
// those that a guard cannot call at an exit, and reports whether there are any.
func (f *Func) keepBelow() (changed bool) {
	for _, s := range f.Sites {
		if s.Dead || s.Stays != nil {
			continue
		}
		atExit, called, below := false, false, false
		for _, e := range f.Exits {
			if e.Active.May.Has(s.Index) {
				atExit = true
				called = called || e.Runs.Has(s.Index)
				below = below || !e.Runs.Has(s.Index)
			}
		}
		switch {
		case !atExit:
			s.Stays = because(OnlyPanics)
		case !called:
			s.Stays = f.becauseAt(f.before(s), BehindNative)
		case below && !s.Own && !s.Recovers.Blind:
			s.Stays = f.becauseAt(f.before(s), AsksForCaller)
		}
		changed = changed || s.Stays != nil
	}
	return changed
}

// before returns the position of a native defer statement whose calls run before
// those of s.
func (f *Func) before(s *Site) token.Pos {
	i := slices.IndexFunc(f.Sites, func(b *Site) bool { return b.inTheWay() && b.Order > s.Order })
	return f.Sites[i].Stmt.Pos()
}

// keepCycles lets all sites of a cycle stay where one does, and reports whether
// that changed any.
func (f *Func) keepCycles() (changed bool) {
	for _, b := range f.Sites {
		for _, s := range f.Sites {
			if b.Stays != nil && b.Cycle >= 0 && s.Cycle == b.Cycle && s.Stays == nil {
				s.Stays = f.becauseAt(b.Stmt.Pos(), TakesTurns)
				changed = true
			}
		}
	}
	return changed
}

// isOver reports whether a literal that does nothing at an exit has to know
// that it is over: what is called there behind it may panic, and it must not
// recover that.
func (f *Func) isOver(s *Site) bool {
	for _, e := range f.Exits {
		if !e.Runs.Has(s.Index) {
			continue
		}
		for _, older := range f.Sites {
			if older.Order < s.Order && e.Runs.Has(older.Index) && !f.neverPanics(older) {
				return true
			}
		}
	}
	return false
}

// neverPanics reports whether neither a panic nor a Goexit comes out of the call
// of s.
func (f *Func) neverPanics(s *Site) bool {
	if s.calm == nil {
		calm := f.callIsCalm(s)
		s.calm = &calm
	}
	return *s.calm
}

func (f *Func) callIsCalm(s *Site) bool {
	return s.Callee.Builtin == "recover" || s.Silent || f.frame.Calm(s.Stmt)
}

// segments divides what is called at the exits into segments, and finds a place
// for the guard of each. It reports why there is none.
func (f *Func) segments() Reasons {
	sites := f.oldestFirst()
	var segment []*Site
	var guard *Guard
	for _, s := range sites {
		if s.Stays != nil || s.Own {
			segment = nil
			continue
		}
		if s.Callee.Builtin == "recover" && s.Cycle < 0 {
			continue // it stops no panic of its own frame, and every other one if a guard called it
		}
		if segment != nil {
			if at := f.place(append(segment, s)); at != nil {
				segment = append(segment, s)
				guard.Before, s.Guard = at, guard
				continue
			}
		}
		segment = []*Site{s}
		at := f.place(segment)
		if at == nil {
			return f.becauseAt(s.Stmt.Pos(), NoPlace)
		}
		guard = &Guard{Before: at}
		s.Guard = guard
		f.Guards = append(f.Guards, guard)
	}
	f.ownGuards()
	return f.disorder(sites)
}

// ownGuards makes literals that are alone in their segments their own guards.
func (f *Func) ownGuards() {
	for i := 0; i < len(f.Guards); i++ {
		var only *Site
		n := 0
		for _, s := range f.Sites {
			if s.Guard == f.Guards[i] {
				only = s
				n++
			}
		}
		if n == 1 && f.guardsItself(only) {
			only.Own, only.Guard = true, nil
			f.Guards = slices.Delete(f.Guards, i, i+1)
			i--
		}
	}
}

// disorder reports where Go would not run guards and native defer statements in
// the order of the entries: an older one is registered later.
func (f *Func) disorder(sites []*Site) Reasons {
	index := func(s *Site) int { return slices.Index(f.Guards, s.Guard) }
	for _, newer := range sites {
		for _, older := range sites {
			if older == newer || !newer.Before.May.Has(older.Index) || older.Cycle >= 0 && older.Cycle == newer.Cycle {
				continue
			}
			from, to := older.Stmt.Pos(), newer.Stmt.Pos()
			ok := true
			switch {
			case older.Guard == nil && newer.Guard == nil:
				ok = f.HasGoto || from < to
			case older.Guard == nil:
				ok = from < newer.Guard.Before.Pos() && !f.HasGoto
			case newer.Guard == nil:
				ok = older.Guard.Before.Pos() <= to
			default:
				ok = index(older) <= index(newer) && older.Guard.Before.Pos() <= newer.Guard.Before.Pos()
			}
			if !ok {
				return f.becauseAt(older.Stmt.Pos(), NoPlace)
			}
		}
	}
	return nil
}

// obstacle says what may panic, and which calls lead there.
func obstacle(o *facts.Obstacle) Reasons {
	r := Reason{Kind: MayPanic, Pos: o.Pos.Position(), Args: []string{o.What}}
	for in := o.Inside; in != nil; in = in.Inside {
		r.Calls = append(r.Calls, Reason{Kind: MayPanic, Pos: in.Pos.Position(), Args: []string{in.What}})
	}
	return Reasons{r}
}

// proof says why nothing may panic, and names the functions that were looked
// through for it.
func (f *Func) proof() Reasons {
	why := because(Total)
	names := f.frame.Calls
	if len(names) == 0 {
		return why
	}
	const room = 6
	if more := len(names) - room; more > 0 {
		names = append(names[:room:room], fmt.Sprintf("%d others", more))
	}
	return append(why, because(TotalCalls, strings.Join(names, ", "))...)
}

// natives returns how many native defer statements the output has, with one
// guard for each segment; 0 where there is no guard.
func (f *Func) natives() (n int) {
	if f.Unwinds == nil {
		return 0
	}
	open := false // a segment is
	for _, s := range f.oldestFirst() {
		switch {
		case s.Stays != nil || s.Own:
			n++
			open = false
		case !open:
			n++
			open = true
		}
	}
	return n
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
