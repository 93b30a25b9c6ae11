package plan

import (
	"go/ast"
	"go/token"
	"math"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// guards decides what runs the pending entries when a panic or Goexit comes: "The
// guard" in ../../doc.go.
type guards struct {
	*draft
	ways   ways
	shared bool // exits share one tail
}

// decideGuards decides, where a panic or Goexit may find entries pending, which
// sites stay native, which are called at the exits, and what runs these when a
// panic comes. What needs no guard is called at every exit where it is pending.
// shared reports that the guards count on a tail that the exits share.
func decideGuards(d *draft) (shared bool) {
	g := &guards{draft: d, ways: ways{d.Func, map[*Site][]step{}}}
	g.decide()
	return g.shared
}

// decide is decideGuards.
func (g *guards) decide() {
	// recover itself, deferred, stops no panic of its own frame.
	if !g.opts.Native || !slices.ContainsFunc(g.Sites, func(s *Site) bool { return !s.Dead && !s.Idle && s.Callee.Builtin != "recover" }) {
		return
	}
	switch {
	case g.Unit.NoSplit:
		g.Kept = because(NoSplit)
	case g.Unit.NoCheckPtr:
		g.Kept = because(NoCheckPtr)
	case g.frame.Obstacle == nil:
		for _, s := range g.Sites {
			g.Kept = append(g.Kept, rereads(g.draft, s)...)
		}
	}
	if g.Kept == nil && g.frame.Obstacle == nil {
		g.Proof = g.proof()
		return
	}
	if g.Kept == nil {
		g.Kept = g.keeps()
	}
	if g.Kept == nil && g.opts.Keep {
		g.Kept = g.asGood()
	}
	if g.Kept == nil {
		g.Unwinds = obstacle(g.frame.Obstacle)
		for _, s := range g.Sites {
			if s.Idle {
				continue
			}
			s.Unwinds = g.Unwinds
			if len(g.Sites) <= openCodedSites { // more share a guard in any case, and each look takes time
				s.Unwinds = obstacle(g.frame.Behind(s.Site, g.blockEnd(s)))
			}
		}
		g.settle()
		g.guardMore()
		g.Kept = g.place()
	}
	g.Same = g.Kept != nil || !slices.ContainsFunc(g.Sites, func(s *Site) bool { return !s.Dead && s.Stays == nil })
}

// keeps says why all defer statements of the function have to stay: it defers recover
// itself, and a call that runs before that may recover. Once an entry has recovered
// the frame's own panic, the deferred recover behaves as if the frame called it: it
// stops the panic that called the frame. Neither a guard nor its entries can do that.
func (g *guards) keeps() Reasons {
	for _, r := range g.Sites {
		if r.Dead || r.Callee.Builtin != "recover" {
			continue
		}
		for _, s := range g.Sites {
			later := s.Order > r.Order || s.Cycle >= 0 && s.Cycle == r.Cycle
			if later && !s.Dead && s.Recovers.How != analysis.Never {
				return g.becauseAt(r.Stmt.Pos(), DefersItself, g.line(s.Stmt.Pos()))
			}
		}
	}
	return nil
}

// asGood reports why gc's own code for the frame is at least as good as guards
// and calls at the exits: gc open-codes all its defer statements, and a panic,
// which runs them from the frame, need not go through a guard of several entries.
func (g *guards) asGood() Reasons {
	gc := g.GC()
	if slices.ContainsFunc(g.oldestFirst(), func(s *Site) bool { return gc.Class[s.Index] != analysis.OpenCoded }) {
		return nil
	}
	return because(AsGood)
}

// settle decides which sites stay native. One that stays is in the way of the older
// ones, which then may have to stay as well, so it goes on until nothing changes.
func (g *guards) settle() {
	for _, s := range g.Sites {
		if s.Dead {
			continue
		}
		if s.Stays = rereads(g.draft, s); s.Stays != nil {
			continue
		}
		switch s.Recovers.How {
		case analysis.Maybe:
			s.Stays = because(MustCall, s.Recovers.Why)
		case analysis.Inside:
			if s.guardsItself() {
				s.Own, s.Silent = true, onlyRecovers(g.info, s.Callee)
			} else {
				s.Stays = because(MustCall, "the literal recovers")
			}
		}
	}
	uniform := false
	for again := true; again; {
		g.decideRuns(uniform)
		again = g.keepCycles() || g.keepBelow()
		if !again && !uniform && g.shares() && slices.ContainsFunc(g.Sites, (*Site).inTheWay) {
			// All exits run the same chain then.
			uniform, again = true, true
		}
	}
	g.shared = g.shares()
	for _, s := range g.Sites {
		if s.Silent && s.Stays == nil && !g.isOver(s) {
			s.Stays = because(OnlyRecovers)
		}
		s.Own = s.Own && s.Stays == nil
	}
	for _, e := range g.Exits {
		g.dropSilent(e.Runs)
	}
}

// dropSilent takes out of runs each literal that does nothing at an exit and behind
// which nothing is called there: it need not be told that it is over.
func (g *guards) dropSilent(runs analysis.Bits) {
	oldest := math.MaxInt
	for _, s := range g.Sites {
		if runs.Has(s.Index) && !s.Silent {
			oldest = min(oldest, s.Order)
		}
	}
	for _, s := range g.Sites {
		if s.Silent && (s.Stays != nil || s.Order < oldest) {
			runs.Clear(s.Index)
		}
	}
}

// decideRuns decides which sites are called at which exits: those that are newer than
// every pending site that stays. With uniform, all exits call the same.
func (g *guards) decideRuns(uniform bool) {
	for _, e := range g.Exits {
		newest := -1
		for _, s := range g.Sites {
			if s.inTheWay() && (uniform || e.Active.May.Has(s.Index)) {
				newest = max(newest, s.Order)
			}
		}
		e.Runs = analysis.NewBits(len(g.Sites))
		for _, s := range g.Sites {
			if e.Active.May.Has(s.Index) && s.Stays == nil && s.Order > newest {
				e.Runs.Set(s.Index)
			}
		}
	}
}

// keepBelow lets a site stay that no exit can call, or that its guard would have to
// call at an exit, though it may ask for its caller. It reports whether there is one.
func (g *guards) keepBelow() (changed bool) {
	for _, s := range g.Sites {
		if s.Dead || s.Idle || s.Stays != nil {
			continue
		}
		atExit, called, below := false, false, false
		for _, e := range g.Exits {
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
			s.Stays = g.becauseAt(g.before(s), BehindNative)
		case below && !s.Own && !s.Recovers.Blind:
			s.Stays = g.becauseAt(g.before(s), AsksForCaller)
		}
		changed = changed || s.Stays != nil
	}
	return changed
}

// before returns the position of a defer statement that stays and whose call runs
// before that of s.
func (g *guards) before(s *Site) token.Pos {
	i := slices.IndexFunc(g.Sites, func(b *Site) bool { return b.inTheWay() && b.Order > s.Order })
	return g.Sites[i].Stmt.Pos()
}

// keepCycles lets all sites of a cycle stay where one of them does. It reports
// whether that changed any.
func (g *guards) keepCycles() (changed bool) {
	for _, b := range g.Sites {
		for _, s := range g.Sites {
			if b.Stays != nil && b.Cycle >= 0 && s.Cycle == b.Cycle && s.Stays == nil {
				s.Stays = g.becauseAt(b.Stmt.Pos(), TakesTurns)
				changed = true
			}
		}
	}
	return changed
}

// isOver reports whether the literal of s, which does nothing at an exit, has to be
// told there that it is over: an older call that runs behind it may panic, and it
// must not recover that.
func (g *guards) isOver(s *Site) bool {
	for _, e := range g.Exits {
		if !e.Runs.Has(s.Index) {
			continue
		}
		for _, older := range g.Sites {
			if older.Order < s.Order && e.Runs.Has(older.Index) && !g.neverPanics(older) {
				return true
			}
		}
	}
	return false
}

// guardMore lets sites have a guard though no panic finds them pending: what an exit
// leaves to its guard, literals that recover, sites that take turns, and "defer panic(v)",
// behind which an exit leaves all to the guards.
func (g *guards) guardMore() {
	for _, s := range g.Sites {
		if s.Unwinds == nil && !s.Idle && (s.Own || s.Cycle >= 0 || s.Callee.Builtin == "panic" || g.leftAtExit(s)) {
			s.Unwinds = g.Unwinds
		}
	}
	// By a guard, a later rewriting knows a function in which defer statements stay.
	stays := slices.ContainsFunc(g.Sites, func(s *Site) bool { return !s.Dead && s.Stays != nil })
	guarded := slices.ContainsFunc(g.Sites, func(s *Site) bool { return !s.Dead && s.Stays == nil && s.Unwinds != nil })
	if stays && !guarded {
		for _, s := range g.Sites {
			if !s.Idle {
				s.Unwinds = g.Unwinds
			}
		}
	}
}

// leftAtExit reports whether s is pending at an exit that leaves it to Go.
func (g *guards) leftAtExit(s *Site) bool {
	return slices.ContainsFunc(g.Exits, func(e *Exit) bool { return e.Active.May.Has(s.Index) && !e.Runs.Has(s.Index) })
}

// place gives each site a guard of its own, beside it, where apart says so and
// Go runs them in the order of the entries; otherwise one for each segment. It says why
// some site gets none.
func (g *guards) place() Reasons {
	var own []*Site
	for _, s := range g.Sites {
		if s.Own {
			own = append(own, s)
		}
	}
	if g.apart() && g.segments(true) == nil {
		return nil
	}
	for _, s := range g.Sites {
		s.Guard, s.With, s.Own = nil, nil, slices.Contains(own, s)
	}
	g.Guards = nil
	return g.segments(false)
}

// apart reports whether each site outside of cycles is to have a guard of its own: where there
// are two, and where gc open-codes them all. Two that gc does not open-code cost what
// the defer statements did, and three times a guard that they share where it open-codes that one.
func (g *guards) apart() bool {
	if g.HasGoto {
		return false // they would all stand at the start
	}
	return g.two() || opens(g.natives(true), g.returns(g.shared))
}

// segments gives each site that is called at an exit a guard, and finds the statement
// before which that stands: a guard for each segment or, apart, for each site outside
// of cycles and for each cycle. It says why there is none for some site.
func (g *guards) segments(apart bool) Reasons {
	sites := g.oldestFirst()
	var segment []*Site
	var guard *Guard
	for _, s := range sites {
		if s.Stays != nil || s.Own {
			segment = nil
			continue
		}
		if s.Unwinds == nil || s.Callee.Builtin == "recover" && s.Cycle < 0 {
			continue // nothing panics while it is pending; or it stops no panic of its own frame, and every other one if a guard called it
		}
		if segment != nil && apart && g.joins(segment, s) {
			for _, older := range segment {
				older.With = s
			}
			segment = append(segment, s)
			guard.Before, s.Guard = s.Stmt, guard
			continue
		}
		if segment != nil && !(apart && (s.Cycle < 0 || s.Cycle != segment[0].Cycle)) {
			if at := g.ways.place(append(segment, s)); at != nil {
				segment = append(segment, s)
				guard.Before, s.Guard = at, guard
				continue
			}
		}
		segment = []*Site{s}
		at := g.ways.place(segment)
		if at == nil {
			return g.becauseAt(s.Stmt.Pos(), NoPlace)
		}
		guard = &Guard{Before: at}
		s.Guard = guard
		g.Guards = append(g.Guards, guard)
	}
	g.ownGuards()
	return g.disorder(sites)
}

// joins reports whether s may have the guard of the sites of segment, with one bit for all: whatever panics,
// or leaves the function, finds either all of them pending or none, and the calls but the oldest
// neither panic nor call Goexit, so that the guard makes one after the other.
//
//	a.Lock()               a.Lock()
//	defer a.Unlock()       b.Lock()
//	b.Lock()               active := true
//	defer b.Unlock()       defer func() {
//	                           if active {
//	                               b.Unlock()
//	                               a.Unlock()
//	                           }
//	                       }()
func (g *guards) joins(segment []*Site, s *Site) bool {
	last := segment[len(segment)-1]
	list, i := g.List(s.Site)
	j := slices.Index(list, ast.Stmt(last.Stmt))
	if last.Callee.Lit != nil || s.Callee.Lit != nil { // whose body may stand in its guard
		return false
	}
	if j < 0 || j > i || s.Cycle >= 0 || last.Cycle >= 0 || g.HasGoto || g.shared || last.Guard.Before != ast.Stmt(last.Stmt) {
		return false
	}
	if slices.ContainsFunc(list[j:i], func(st ast.Stmt) bool {
		return analysis.Has[*ast.ReturnStmt](st) || analysis.Has[*ast.BranchStmt](st)
	}) {
		return false
	}
	for _, e := range g.Exits {
		for _, one := range []*Site{last, s} {
			if e.Active.May.Has(last.Index) != e.Active.Must.Has(one.Index) || e.Active.May.Has(s.Index) != e.Runs.Has(one.Index) {
				return false
			}
		}
	}
	return g.frame.CalmBetween(last.Site, s.Site) && g.neverPanics(s)
}

// ownGuards makes each literal that shares its guard with no other site its own guard.
func (g *guards) ownGuards() {
	for i := 0; i < len(g.Guards); i++ {
		var only *Site
		n := 0
		for _, s := range g.Sites {
			if s.Guard == g.Guards[i] {
				only = s
				n++
			}
		}
		if n == 1 && only.guardsItself() {
			only.Own, only.Guard = true, nil
			g.Guards = slices.Delete(g.Guards, i, i+1)
			i--
		}
	}
}

// guardBeside makes a guard for a literal that was its own, and whose body stands in that.
func guardBeside(d *draft, s *Site) {
	s.Own, s.Guard = false, &Guard{Before: s.Stmt, Links: []Link{{Site: s}}}
	i := slices.IndexFunc(d.Sites, func(newer *Site) bool { return newer.Guard != nil && newer.Order > s.Order })
	if i < 0 {
		d.Guards = append(d.Guards, s.Guard)
		return
	}
	d.Guards = slices.Insert(d.Guards, slices.Index(d.Guards, d.Sites[i].Guard), s.Guard)
}

// disorder says for which site Go would run guards and defer statements in another
// order than that of the entries, because what is older is registered later.
func (g *guards) disorder(sites []*Site) Reasons {
	index := func(s *Site) int { return slices.Index(g.Guards, s.Guard) }
	for _, newer := range sites {
		for _, older := range sites {
			if older == newer || !newer.Before.May.Has(older.Index) || older.Cycle >= 0 && older.Cycle == newer.Cycle {
				continue
			}
			from, to := older.Stmt.Pos(), newer.Stmt.Pos()
			ok := true
			switch {
			case older.Guard == nil && newer.Guard == nil:
				ok = g.HasGoto || from < to
			case older.Guard == nil:
				ok = from < newer.Guard.Before.Pos() && !g.HasGoto
			case newer.Guard == nil:
				ok = older.Guard.Before.Pos() <= to
			default:
				ok = index(older) <= index(newer) && older.Guard.Before.Pos() <= newer.Guard.Before.Pos()
			}
			if !ok {
				return g.becauseAt(older.Stmt.Pos(), NoPlace)
			}
		}
	}
	return nil
}
