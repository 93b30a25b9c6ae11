package plan

import "slices"

// A layout decides about records that are kept in one way. Its facts, which others
// ask for, are those of a Layout.
type layout interface {
	fits(st *store) bool        // whether they can be
	settle(st *store)           // what an element is, and for how many there is room
	explain(st *store, s *Site) // adds to the reasons of s, a site of theirs
	name(st *store)             // names their variables, but for the number
}

// layouts are tried in order; the last always fits.
var layouts = []struct {
	*Layout
	layout
}{
	{Counter, counter{}},
	{Array, array{}},
	{List, list{}},
	{Slice, slice{}},
}

// layoutOf returns the methods of the layout with the facts l.
func layoutOf(l *Layout) layout {
	for _, known := range layouts {
		if known.Layout == l {
			return known.layout
		}
	}
	return nil
}

// layOut settles the fields of a record, and chooses the layout.
func (st *store) layOut() {
	st.keepSpelled()
	st.fields()
	for _, l := range layouts {
		if l.fits(st) {
			st.r.Layout = l.Layout
			l.settle(st)
			return
		}
	}
}

// explain says of s, one of the sites, why its records are kept so, and whether they
// are on the heap.
func (st *store) explain(s *Site) {
	l := st.r.Layout
	s.Heap = l.OnHeap || s.capturesOnHeap()
	layoutOf(l).explain(st, s)
	switch {
	case s.Heap && !l.OnHeap:
		s.because(Captures)
	case !s.Heap && st.r.inRangeFunc():
		s.Heap = true
		s.because(RangeFunc)
	}
}

// keepSpelled makes thunks of the calls whose operands have types that another
// name hides at some site, where the type of a record has to be written out there:
// until go 1.20 a generic function could not declare types.
func (st *store) keepSpelled() {
	if !st.isGeneric() || st.goAtLeast("go1.20") {
		return
	}
	for _, owner := range st.r.Sites {
		hidden := slices.ContainsFunc(owner.Call.Temps, func(t *Temp) bool {
			return slices.ContainsFunc(st.r.Sites, func(s *Site) bool {
				text, ok := st.spell(t.Type, place{nil, s.Stmt.Pos()})
				return !ok || text != t.TypeText
			})
		})
		if hidden && owner.Call.Thunk == nil {
			o := newOperands(st.draft, owner)
			o.thunk()
			o.captureNoInduction()
		}
	}
}
