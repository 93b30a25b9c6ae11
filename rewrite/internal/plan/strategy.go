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
	{"guard", guard},
	{"native", native},
	{"unused", unused},
	{"record", record},
	{"bit", bit},
	{"direct", direct},
}

func (f *Func) choose(s *Site) {
	for _, st := range strategies {
		if why, ok := st.applies(f, s); ok {
			s.Strategy, s.Why = st.name, why
			if s.Own {
				s.Why = append(s.Why, because(LiteralAsks)...)
			}
			return
		}
	}
}

// unreachable: no path from the function's start leads to the site.
func unreachable(_ *Func, s *Site) (Reasons, bool) {
	return because(NoPath), s.Dead
}

// unused: the operands are evaluated, and that is all.
func unused(f *Func, s *Site) (Reasons, bool) {
	if s.Idle {
		return because(DoesNothing), true
	}
	return because(NoExit), !f.pending(s)
}

// direct: the call is written at each exit, without a test.
func direct(*Func, *Site) (Reasons, bool) {
	return because(EveryPath), true
}
