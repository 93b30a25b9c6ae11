package plan

// kept: the defer statement stays, with all others of its function.
func kept(f *Func, _ *Site) (string, bool) {
	return f.Kept, f.Kept != ""
}
