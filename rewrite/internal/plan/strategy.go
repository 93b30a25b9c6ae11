package plan

// A strategy is one way to keep track of a site's entries.
type strategy struct {
	name string
	// applies reports whether the strategy fits, and why.
	applies func(f *Func, s *Site) (reason string, ok bool)
}

// strategies are tried in order; the last always applies.
var strategies = []strategy{
	{"kept", kept},
	{"unreachable", unreachable},
	{"guard", guard},
	{"unused", unused},
	{"record", record},
	{"bit", bit},
	{"direct", direct},
}

func (f *Func) choose(s *Site) {
	for _, st := range strategies {
		if reason, ok := st.applies(f, s); ok {
			s.Strategy, s.Reason = st.name, reason
			return
		}
	}
}

// unreachable: no path from the function's start leads to the site.
func unreachable(_ *Func, s *Site) (string, bool) {
	return "no path leads to it", s.Dead
}

// unused: the operands are evaluated, and that is all.
func unused(f *Func, s *Site) (string, bool) {
	if s.Idle {
		return "where recover returns nil, the call does nothing", true
	}
	return "the function has no exit behind it", !f.pending(s)
}

// direct: the call is written at each exit, without a test.
func direct(*Func, *Site) (string, bool) {
	return "pending on every path to each exit behind it", true
}
