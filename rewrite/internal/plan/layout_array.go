package plan

import (
	"fmt"
	"go/ast"
)

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
	st.r.Len, st.r.LenText = bound, fmt.Sprint(bound)
	if c := st.count(); c != nil && !promise {
		st.r.LenText = c.Name
	}
	st.element()
	if promise && st.predeclared("panic") {
		st.r.Promise = st.broken()
	}
}

// count returns the constant that says how many entries of the one site there are. The
// author may change it, and other builds may have another one.
func (st *store) count() *ast.Ident {
	if len(st.r.Sites) != 1 || len(st.r.Sites[0].Loops) != 1 {
		return nil
	}
	c := st.r.Sites[0].Loops[0].Const
	if c == nil || st.r.Len != st.r.Sites[0].Loops[0].Trips || !st.namesVisible(c, []place{st.start()}) {
		return nil
	}
	return c
}

func (array) explain(st *store, s *Site) {
	if s.Promise {
		s.because(PromisedRoom, st.r.Len)
	} else {
		s.because(Room, st.r.Len)
	}
}

func (array) name(st *store) { st.nameElements() }
