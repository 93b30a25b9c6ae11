package plan

// strategies are tried in order; the last always applies.
var strategies = []struct {
	*Strategy
	applies func(f *Func, s *Site) (why Reasons, ok bool)
}{
	{Kept, kept},
	{Unreachable, unreachable},
	{Silent, silent},
	{Native, native},
	{Unused, unused},
	{Record, record},
	{Bit, bit},
	{Direct, direct},
}

// chooseAll chooses the strategy of each site.
func chooseAll(d *draft) {
	for _, s := range d.Sites {
		choose(d, s)
	}
}

// choose gives s the first strategy of the table that applies.
func choose(d *draft, s *Site) {
	for _, st := range strategies {
		if why, ok := st.applies(d.Func, s); ok {
			s.Strategy, s.Why = st.Strategy, why
			if s.Own {
				s.Why = append(s.Why, because(LiteralAsks)...)
			}
			s.Gone = st.Strategy == Unused && goes(d, s)
			return
		}
	}
}
