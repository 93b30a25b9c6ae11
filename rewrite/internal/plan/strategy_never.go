package plan

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
