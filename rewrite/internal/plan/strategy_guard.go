package plan

// guard: the defer statement stays, as the one that the function needs.
func guard(f *Func, s *Site) (Reasons, bool) {
	return because(IsGuard), f.Guard != nil && f.Guard.Shape == Itself && !s.Dead
}
