package plan

// guard: the defer statement stays, as the one that the function needs.
func guard(f *Func, s *Site) (string, bool) {
	return "it is the function's guard", f.Guard != nil && f.Guard.Shape == Itself && !s.Dead
}
