package plan

// Array is an array in the frame: there is a bound for the number of entries.
//
//	var files [4]*os.File
//	...
//	files[pending] = f
//	pending++
var Array = &Layout{Name: "array", Counted: true, Cost: CostFrame}

type array struct{}

func (array) fits(st *store) bool {
	bound, _ := st.r.bound()
	return bound > 0 && bound*sizeOf(st.Func, st.r) <= maxInFrame(st.Func)
}

func (array) settle(st *store) {
	bound, promise := st.r.bound()
	st.r.Len = bound
	st.element()
	if promise && st.predeclared("panic") {
		st.r.Promise = st.broken()
	}
}

func (array) explain(st *store, s *Site) {
	if s.Promise {
		s.because(PromisedRoom, st.r.Len)
	} else {
		s.because(Room, st.r.Len)
	}
}

func (array) name(st *store) { st.nameElements() }
