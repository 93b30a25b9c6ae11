package plan

import (
	"cmp"
	"slices"
)

// prologue returns the index in f.Body.List of the statement before which the new
// variables go, and the first guard unless that stands deeper. It is outside of every
// loop, before the first site that is lowered, and where no goto can jump over them.
func prologue(f *Func) int {
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

// orderChain makes f.Chain of the sites that may be pending, newest first, and
// collects those of one cycle in Records: "Exits" and "Cycles" in ../../doc.go.
func orderChain(d *draft) {
	records := make([]*Records, d.Cycles)
	sites := slices.Clone(d.Sites)
	slices.SortStableFunc(sites, func(a, b *Site) int { return cmp.Compare(b.Order, a.Order) })
	for _, s := range sites {
		switch {
		case s.Stays != nil || s.Dead || !d.pending(s):
		case s.Cycle < 0:
			link(d.Func, Link{Site: s}, s)
		default:
			r := records[s.Cycle]
			if r == nil {
				r = &Records{}
				records[s.Cycle] = r
				link(d.Func, Link{Records: r}, s)
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
		r.Iterations = iterations(d, r)
	}
}

// link adds l, of which s is a site, to the chain of f, and to what the guard of s
// runs.
func link(f *Func, l Link, s *Site) {
	f.Chain = append(f.Chain, l)
	if s.Guard != nil {
		s.Guard.Links = append(s.Guard.Links, l)
	}
}
