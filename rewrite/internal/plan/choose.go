package plan

// A strategy is one way to keep track of a site's entries.
type strategy struct {
	name string
	// applies reports whether the strategy fits, and why.
	applies func(f *Func, s *Site) (why Reasons, ok bool)
}

// strategies are tried in order; the last always applies.
var strategies = []strategy{
	{"kept", kept},
	{"unreachable", unreachable},
	{"recover", silent},
	{"native", native},
	{"unused", unused},
	{"record", record},
	{"bit", bit},
	{"direct", direct},
}

// chooseAll chooses the strategy of each site.
func chooseAll(d *draft) {
	for _, s := range d.Sites {
		choose(d, s)
	}
}

func choose(d *draft, s *Site) {
	for _, st := range strategies {
		if why, ok := st.applies(d.Func, s); ok {
			s.Strategy, s.Why = st.name, why
			if s.Own {
				s.Why = append(s.Why, because(LiteralAsks)...)
			}
			return
		}
	}
}
