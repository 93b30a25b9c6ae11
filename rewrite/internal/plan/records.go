package plan

// layOutAll chooses how the entries of each cycle are kept.
func layOutAll(d *draft) {
	for _, l := range d.Chain {
		if l.Records != nil {
			st := &store{d, l.Records}
			st.cycle()
			st.promised()
		}
	}
}

// cycle chooses how the entries of the cycle are kept: in one store, or in one for
// each site, where they take turns.
func (st *store) cycle() {
	r := st.r
	if r.Iterations != nil {
		st.needInduction()
		if len(r.Sites) > 1 || r.Iterations.Name != "" {
			st.takeTurns()
			return
		}
	}
	st.layOut()
	for _, s := range r.Sites {
		st.explain(s)
	}
}

// promised has the number of entries checked against the author's promise, where
// nothing but the number is kept. An array checks it itself.
func (st *store) promised() {
	r := st.r
	bound, promise := r.bound()
	if !promise || bound <= 0 || !r.Layout.Bare || !st.predeclared("panic") {
		return
	}
	r.Len = bound
	r.Promise = st.broken()
	if r.Layout.Apart {
		for _, s := range r.Stores() {
			s.Promise = ""
		}
	}
}
