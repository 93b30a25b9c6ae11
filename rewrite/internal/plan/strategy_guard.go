package plan

// guard: the deferred literal stays, and is what a panic has to call. At an exit
// it does nothing.
func guard(_ *Func, s *Site) (Reasons, bool) {
	return s.Stays, s.Silent && s.Stays != nil
}
