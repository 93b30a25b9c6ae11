package plan

// Counter is a number of entries: there is one site, with nothing to keep.
//
//	pending++
//	...
//	for pending > 0 {
//		pending--
//		mu.Unlock()
//	}
var Counter = &Layout{Name: "counter", Counted: true, Bare: true, Cost: CostCounter}

type counter struct{}

func (counter) fits(st *store) bool { return len(st.r.Sites) == 1 && len(st.r.Fields) == 0 }
func (counter) settle(*store)       {}
func (counter) name(*store)         {}

func (counter) explain(_ *store, s *Site) {
	if s.Store == nil {
		s.because(Counted)
	}
}
