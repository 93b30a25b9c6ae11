package plan

// bit: a bit of the mask tells whether the entry is pending, and some exit
// has to test it.
func bit(f *Func, s *Site) (Reasons, bool) {
	if f.Tail != nil {
		if f.Tail.Runs.Has(s.Index) && !f.Tail.Active.Must.Has(s.Index) {
			return because(SomeExits, f.Tail.Exits), true
		}
		return nil, false
	}
	for _, e := range f.Exits {
		if e.Runs.Has(s.Index) && !e.Active.Must.Has(s.Index) && !e.remains[s].Nothing() {
			return f.becauseAt(e.Pos, SomePaths), true
		}
	}
	return nil, false
}
