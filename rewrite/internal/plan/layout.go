package plan

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// layouts decides how the entries of cycles are kept: "Cycles" in ../../doc.go.
type layouts struct{ *draft }

func layOutAll(d *draft) {
	for _, l := range d.Chain {
		if l.Records != nil {
			(&layouts{d}).layOut(l.Records)
		}
	}
}

// layOut chooses how the entries of a cycle are kept.
func (ls *layouts) layOut(r *Records) {
	if r.Iterations != nil {
		ls.needInduction(r)
		if len(r.Sites) > 1 || r.Iterations.Name != "" {
			ls.layOutIterations(r)
			ls.promised(r)
			return
		}
	}
	ls.layOutStore(r)
	ls.promised(r)
	for _, s := range r.Sites {
		ls.explainLayout(s, r)
	}
}

// promised has a number of entries keep to what the author promised, though
// nothing but the number needs room.
func (ls *layouts) promised(r *Records) {
	bound, promise := r.bound()
	if !promise || bound <= 0 || r.Layout != Counter && r.Layout != Steady || !ls.predeclared("panic") {
		return
	}
	r.Len = bound
	r.Promise = ls.broken(r)
	if r.Layout == Steady {
		for _, s := range r.Stores() {
			s.Promise = ""
		}
	}
}

// layOutStore chooses the fields of a record, where sites share fields of one
// type, and the layout.
//
// A slice is one growing block: 16 entries cost 220 ns in it and 570 ns as
// linked records of their own (../../../docs/semantics.md has the figures).
func (ls *layouts) layOutStore(r *Records) {
	ls.keepSpelled(r)
	names := map[string]bool{"site": true, "next": true}
	for _, s := range r.Sites {
		if s.Call.Thunk != nil {
			r.field(s, s.Call.Thunk, names)
			continue
		}
		for _, t := range s.Call.Temps {
			r.field(s, t, names)
		}
	}
	bound, promise := r.bound()
	size := sizeOf(ls.Func, r)
	switch {
	case len(r.Sites) == 1 && len(r.Fields) == 0:
		r.Layout = Counter
	case bound > 0 && bound*size <= maxInFrame(ls.Func):
		r.Layout, r.Len = Array, bound
	case ls.Words.Shadowed:
		r.Layout = List
	default:
		r.Layout = Slice
		if n := min(16, roomInFrame(ls.Func)/size); n > 1 && !r.inRangeFunc() {
			r.Room = n
			r.Grow = ls.growth(r)
		}
	}
	switch {
	case r.Layout == Counter:
	case r.Layout == List:
		r.linked(ls.draft)
	case len(r.Sites) == 1 && len(r.Fields) == 1:
		r.Scalar = true
		r.Type = r.Fields[0].Type
		r.Zero = zeroOf(ls.draft, r.Fields[0])
	default:
		r.structType(ls.draft)
	}
	if r.Layout == Array && promise && ls.predeclared("panic") {
		r.Promise = ls.broken(r)
	}
}

// keepSpelled makes thunks of the calls whose operands have types that another
// name hides at some site of r, where the type of a record has to be written
// out there: until go 1.20 a generic function could not declare types.
func (ls *layouts) keepSpelled(r *Records) {
	if !ls.isGeneric() || ls.goAtLeast("go1.20") {
		return
	}
	for _, owner := range r.Sites {
		hidden := slices.ContainsFunc(owner.Call.Temps, func(t *Temp) bool {
			return slices.ContainsFunc(r.Sites, func(s *Site) bool {
				text, ok := ls.spell(t.Type, place{nil, s.Stmt.Pos()})
				return !ok || text != t.TypeText
			})
		})
		if hidden && owner.Call.Thunk == nil {
			o := newOperands(ls.draft, owner)
			o.thunk()
			o.captureNoInduction()
		}
	}
}

// maxInFrame returns how many bytes the records of one store may take of the frame.
func maxInFrame(f *Func) int64 {
	if f.Unit.NoSplit {
		return 64 // all frames of a chain of such functions have 800 bytes
	}
	return 16 << 10 // gc's own limit for an implicit variable on the stack is 64 KB
}

// roomInFrame returns what a slice may cost a frame whose loop is not entered: it is
// cleared.
func roomInFrame(f *Func) int64 {
	if f.Unit.NoSplit {
		return 0
	}
	return 256
}

// sizeOf returns the size of a record in bytes, about.
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

// broken is the text of the panic for a promise that breaks.
func (ls *layouts) broken(r *Records) string {
	pos := ls.Unit.Pkg.Fset.PositionFor(r.Sites[0].Stmt.Pos(), false)
	return fmt.Sprintf("%s:%d: more deferred calls than the %d that %s promises", filepath.Base(pos.Filename), pos.Line, r.Len, analysis.MaxMark)
}

func (ls *layouts) explainLayout(s *Site, r *Records) {
	bound, _ := r.bound()
	bytes := bound * sizeOf(ls.Func, r)
	s.Heap = r.Layout == Slice || r.Layout == List || s.capturesOnHeap()
	switch {
	case r.Layout == Counter && s.Store != nil:
	case r.Layout == Counter:
		s.because(Counted)
	case r.Layout == Array && s.Promise:
		s.because(PromisedRoom, r.Len)
	case r.Layout == Array:
		s.because(Room, r.Len)
	case bytes > maxInFrame(ls.Func):
		s.because(TooLarge, bytes)
	}
	switch {
	case r.Layout == Array && s.Heap:
		s.because(Captures)
	case !s.Heap && r.inRangeFunc():
		s.Heap = true
		s.because(RangeFunc)
	}
}

func (r *Records) field(s *Site, t *Temp, names map[string]bool) {
	for i := range r.Fields {
		fd := &r.Fields[i]
		if fd.Type == t.TypeText && !fd.used[s] {
			fd.used[s] = true
			t.Field = fd.Name
			return
		}
	}
	name := t.Hint
	for n := 1; names[name] || token.IsKeyword(name); n++ {
		name = fmt.Sprint(t.Hint, n)
	}
	names[name] = true
	t.Field = name
	r.Fields = append(r.Fields, Field{name, t.TypeText, t.Type, map[*Site]bool{s: true}})
}

// linked makes the records a linked list: where append and len cannot be
// named, the plain way to write one is still there.
func (r *Records) linked(d *draft) {
	r.Type = d.Unit.Names.Fresh("entry")
	r.Local = "type " + r.Type + " " + r.structText(d, "next *"+r.Type)
}

func (r *Records) structText(d *draft, fields ...string) string {
	if len(r.Sites) > 1 {
		fields = append(fields, "site "+r.tagType(d))
	}
	for _, fd := range r.Fields {
		fields = append(fields, fd.Name+" "+fd.Type)
	}
	return "struct {\n" + strings.Join(fields, "\n") + "\n}"
}

func (r *Records) structType(d *draft) {
	text := r.structText(d)
	r.Type = text
	// Until go 1.20 a generic function could not declare types.
	if !d.isGeneric() || d.goAtLeast("go1.20") {
		r.Type = d.Unit.Names.Fresh("entry")
		r.Local = "type " + r.Type + " " + text
	}
	for _, fd := range r.Fields {
		if hasPointers(fd.typ) {
			r.Zero = r.Type + "{}"
		}
	}
}

func (r *Records) tagType(d *draft) string {
	if len(r.Sites) > 127 && !d.Words.Shadowed {
		return "uint16"
	}
	return d.Words.Tag
}

// zeroOf returns an expression for the zero value of a scalar record, or ""
// where it holds nothing that could be kept alive.
func zeroOf(d *draft, fd Field) string {
	if !hasPointers(fd.typ) {
		return ""
	}
	switch analysis.Under(fd.typ).(type) {
	case *types.Struct, *types.Array:
		return fd.Type + "{}"
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature, *types.Basic:
		if d.predeclared("nil") {
			return "nil"
		}
	case *types.Interface:
		if _, ok := types.Unalias(fd.typ).(*types.TypeParam); !ok && d.predeclared("nil") {
			return "nil"
		}
	}
	if d.predeclared("new") {
		return "*new(" + fd.Type + ")"
	}
	return ""
}

// hasPointers reports whether a value of type t can keep something alive that
// a finalizer may be waiting for. Strings do not count.
func hasPointers(t types.Type) bool {
	if t == nil {
		return true
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Struct:
		for i := range u.NumFields() {
			if hasPointers(u.Field(i).Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return hasPointers(u.Elem())
	}
	return true
}
