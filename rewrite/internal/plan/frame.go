package plan

import "go/types"

// maxInFrame returns how many bytes the records of one store may take of the frame.
func maxInFrame(f *Func) int64 {
	if f.Unit.NoSplit {
		return 64 // all frames of a chain of such functions have 800 bytes
	}
	return 16 << 10 // gc's own limit for an implicit variable on the stack is 64 KB
}

// roomInFrame returns how many bytes of the frame the first records of a slice may
// take. They are cleared at each call, whether the loop runs or not.
func roomInFrame(f *Func) int64 {
	if f.Unit.NoSplit {
		return 0
	}
	return 256
}

// sizeOf returns about how many bytes a record takes.
func sizeOf(f *Func, r *Records) int64 {
	size := int64(0)
	if len(r.Sites) > 1 {
		size = 8
	}
	for _, fd := range r.Fields {
		if hasTypeParam(fd.typ) {
			size += 32
		} else {
			size += f.Unit.Pkg.Sizes.Sizeof(fd.typ)
		}
	}
	return max(size, 1)
}

// hasTypeParam reports whether the size of t depends on a type argument.
func hasTypeParam(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		return hasTypeParam(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if hasTypeParam(u.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

// explainSize says of s that its records are bounded, but too large for the frame.
func (st *store) explainSize(s *Site) {
	bound, _ := st.r.bound()
	if bytes := bound * sizeOf(st.Func, st.r); bytes > maxInFrame(st.Func) {
		s.because(TooLarge, bytes)
	}
}
