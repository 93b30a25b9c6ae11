package plan

import (
	"go/ast"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// byFunc reports whether the variable that holds the literal of s tells whether s is
// pending: it is nil where it is not. A literal that is its own guard sets it to nil;
// otherwise nobody has to note that its call is done.
func byFunc(d *draft, s *Site) bool {
	return s.Strategy.Asks && s.Guard == nil && s.Callee.Lit != nil && !s.inline && !d.Words.Shadowed &&
		d.predeclared("nil") && (!s.Own || d.meansIn("nil", s.Callee.Lit))
}

// noOp reports whether several exits would ask for s, whose literal has no parameters:
//
//	onExit := func() {}          not var onExit func()
//	if verbose {                     if verbose {
//		onExit = func() { … }            onExit = func() { … }
//	}                                }
//	…                                …
//	onExit()                         if onExit != nil {
//	return                               onExit()
//	                                 }
//	                                 return
func noOp(d *draft, s *Site) bool {
	asked, least := 0, 2
	if s.Own { // it takes a bit as well
		least = 3
	}
	for _, e := range d.Exits {
		if e.Runs.Has(s.Index) && !e.Active.Must.Has(s.Index) && !e.remains[s].Nothing() {
			asked++
		}
	}
	return d.Tail == nil && asked >= least && s.Callee.Sig.Params().Len() == 0 && s.Callee.Sig.Results().Len() == 0
}

// assignBits numbers the sites that a guard, an exit or their own literal has to ask
// about, and decides how wide the mask is: "Exits" in ../../doc.go.
func assignBits(d *draft) {
	n, asks := 0, true // asks: a literal that asks for its bit can write false
	for _, s := range d.Sites {
		s.ByFunc = byFunc(d, s)
		s.NoOp = s.ByFunc && noOp(d, s)
		s.ByFunc = s.ByFunc && !(s.NoOp && s.Own) // which has to ask
		if s.With != nil {
			s.Calm = d.neverPanics(s)
		}
		if s.Cycle < 0 && !s.Dead && s.Stays == nil && !s.ByFunc && s.With == nil && s.If == nil && (s.Guard != nil || s.Own || s.Strategy.Asks) {
			s.Bit, s.Calm = n, d.neverPanics(s)
			n++
			asks = asks && (!s.Own || d.meansIn("false", s.Callee.Lit))
		}
	}
	switch {
	case n == 0:
	case d.Words.Shadowed:
		d.Mask = &Mask{Bits: n, Word: 31}
	default:
		d.Mask = &Mask{Bits: n, Word: 64, Bool: n == 1 && asks, Typed: true}
		d.Mask.Near = d.Mask.Bool && declaresMask(d)
	}
}

// declaresMask reports whether the only site with a bit declares the variable for it:
//
//	if cached {
//		mu.Lock()
//		active := true
//		defer func() {
//			if active {
//				mu.Unlock()
//			}
//		}()
//		return find()
func declaresMask(d *draft) bool {
	i := slices.IndexFunc(d.Sites, func(s *Site) bool { return s.Bit >= 0 })
	s := d.Sites[i]
	list := d.Behind(s.Site)
	elsewhere := func(g *Guard) bool { return g.Before != ast.Stmt(s.Stmt) }
	return !s.Own && d.Tail == nil && !d.HasGoto && s.Stmt != d.Body.List[d.At] &&
		(s.TopLevel || analysis.Returns(list) || d.blockExit(s)) && !slices.ContainsFunc(d.Guards, elsewhere)
}
