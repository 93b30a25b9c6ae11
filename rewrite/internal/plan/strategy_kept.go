package plan

// kept: the defer statement stays, with all others of its function.
func kept(f *Func, _ *Site) (Reasons, bool) {
	return f.Kept, f.Kept != nil
}
