package plan

// kept: the defer statement stays, with all others of its function.
func kept(f *Func, _ *Site) (Reasons, bool) {
	return f.Kept, f.Kept != nil
}

// recover: the deferred literal stays, and is what a panic has to call. At an exit
// it does nothing.
func silent(_ *Func, s *Site) (Reasons, bool) {
	return s.Stays, s.Silent && s.Stays != nil
}

// native: the defer statement stays, since only Go itself can make the call at
// the right time.
func native(_ *Func, s *Site) (Reasons, bool) {
	return s.Stays, s.Stays != nil
}
