package plan

// dropIdle takes the sites out of the active sets whose literals do nothing
// where recover returns nil, as it does for -unwind=none:
//
//	defer func() {
//		if r := recover(); r != nil {
//			err = fmt.Errorf("recovered: %v", r)
//		}
//	}()
//
// The literal stays in the text, as the value of a blank assignment, so that
// what it uses is used.
func (f *Func) dropIdle() {
	if f.opts.Native {
		return
	}
	for _, s := range f.Sites {
		lit := s.Callee.Lit
		if s.Callee.Builtin != "recover" && (lit == nil || !f.onlyRecovers(s.Callee)) {
			continue
		}
		s.Idle = true
		for _, e := range f.Func.Exits {
			e.Active.May.Clear(s.Index)
			e.Active.Must.Clear(s.Index)
		}
	}
}
