package plan

// Unreachable is the strategy for a site to which no path leads from the function's
// start. The call stands in the place of the defer statement.
var Unreachable = &Strategy{Name: "unreachable", Never: true}

func unreachable(_ *Func, s *Site) (Reasons, bool) {
	return because(NoPath), s.Dead
}

// Unused is the strategy for a site whose entries nobody calls: the operands are
// evaluated, and that is all.
var Unused = &Strategy{Name: "unused", Never: true}

func unused(f *Func, s *Site) (Reasons, bool) {
	switch {
	case s.Idle && s.empty():
		return because(NoStatements), true
	case s.Idle && s.Marked:
		return because(IdleGuard), true
	case s.Idle:
		return because(DoesNothing), true
	}
	return because(NoExit), !f.pending(s)
}
