package plan

// Kept is the strategy for a site that stays with all others of its function.
var Kept = &Strategy{Name: "kept", Stays: true}

func kept(f *Func, _ *Site) (Reasons, bool) {
	return f.Kept, f.Kept != nil
}

// Silent is the strategy for a literal that a panic has to call, and that does
// nothing at an exit: the defer statement stays.
var Silent = &Strategy{Name: "recover", Stays: true}

func silent(_ *Func, s *Site) (Reasons, bool) {
	return s.Stays, s.Silent && s.Stays != nil
}

// Native is the strategy for a site that stays since only Go itself can make the call
// at the right time.
var Native = &Strategy{Name: "native", Stays: true}

func native(_ *Func, s *Site) (Reasons, bool) {
	return s.Stays, s.Stays != nil
}
