package plan

// native: the defer statement stays, since only Go itself can make the call at
// the right time.
func native(_ *Func, s *Site) (Reasons, bool) {
	return s.Stays, s.Stays != nil
}
