package plan

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// record: each entry of a site in a cycle is a record that belongs to the
// frame. One store serves all sites of a cycle, so that its order is the order
// of the entries.
func record(f *Func, s *Site) (Reasons, bool) {
	if s.Cycle < 0 {
		return nil, false
	}
	if len(s.Loops) == 0 {
		return because(InGotoLoop), true
	}
	l := s.Loops[len(s.Loops)-1]
	return f.becauseAt(l.Stmt.Pos(), InLoop), true
}

// Records is where the entries of one cycle are kept.
type Records struct {
	Layout     Layout
	Sites      []*Site
	Iterations *Iterations // nil where an iteration may skip a site
	Name       string      // of the variable
	Number     string      // the variable that counts the entries; "" for a Slice
	Fields     []Field     // of a record
	Scalar     bool        // the element is the one field itself
	Type       string      // of an element; for a struct type with a name, its name
	Local      string      // declaration of that type, "" where it needs none
	Elem       string      // name of the variable that holds one element at the exit
	Index      string      // name of the number of an element of a Slice at the exit
	Zero       string      // expression for a zero element; "" where nothing need be released
	Len        int64       // of an Array, or what Promise is about
	Room       int64       // of a Slice: how many records the frame has room for, or 0
	Buf        string      // the name of that room
	Grow       *Grow       // of a Slice: how it gets more room, once; nil where it grows by itself
	Promise    string      // what an Array, Counter or Steady panics with that has Len entries: a promise of the author's
}

// A Layout is a way to keep records.
type Layout int

const (
	Counter Layout = iota // a number of entries: there is one site, with nothing to remember
	Steady                // a number of entries, and a store for each site
	Array                 // in the frame: there is a bound
	Slice                 // in the frame at first, then in one block on the heap, which grows
	List                  // linked records on the heap
)

// A Field is a field of a record.
type Field struct {
	Name, Type string
	typ        types.Type
	used       map[*Site]bool
}

// layOut chooses how the entries of a cycle are kept.
func (f *Func) layOut(r *Records) {
	if r.Iterations != nil {
		f.needInduction(r)
		if len(r.Sites) > 1 || r.Iterations.Name != "" {
			f.layOutIterations(r)
			f.promised(r)
			return
		}
	}
	f.layOutStore(r)
	f.promised(r)
	for _, s := range r.Sites {
		f.explainLayout(s, r)
	}
}

// promised has a number of entries keep to what the author promised, though
// nothing but the number needs room.
func (f *Func) promised(r *Records) {
	bound, promise := r.bound()
	if !promise || bound <= 0 || r.Layout != Counter && r.Layout != Steady || !f.predeclared("panic") {
		return
	}
	r.Len = bound
	r.Promise = f.broken(r)
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
func (f *Func) layOutStore(r *Records) {
	f.keepSpelled(r)
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
	size := f.sizeOf(r)
	switch {
	case len(r.Sites) == 1 && len(r.Fields) == 0:
		r.Layout = Counter
	case bound > 0 && bound*size <= f.maxInFrame():
		r.Layout, r.Len = Array, bound
	case f.Words.Shadowed:
		r.Layout = List
	default:
		r.Layout = Slice
		if n := min(16, f.roomInFrame()/size); n > 1 && !f.inRangeFunc(r) {
			r.Room = n
			r.Grow = f.growth(r)
		}
	}
	switch {
	case r.Layout == Counter:
	case r.Layout == List:
		r.linked(f)
	case len(r.Sites) == 1 && len(r.Fields) == 1:
		r.Scalar = true
		r.Type = r.Fields[0].Type
		r.Zero = zeroOf(f, r.Fields[0])
	default:
		r.structType(f)
	}
	if r.Layout == Array && promise && f.predeclared("panic") {
		r.Promise = f.broken(r)
	}
}

// keepSpelled makes thunks of the calls whose operands have types that another
// name hides at some site of r, where the type of a record has to be written
// out there: until go 1.20 a generic function could not declare types.
func (f *Func) keepSpelled(r *Records) {
	if !f.isGeneric() || f.goAtLeast("go1.20") {
		return
	}
	for _, owner := range r.Sites {
		hidden := slices.ContainsFunc(owner.Call.Temps, func(t *Temp) bool {
			return slices.ContainsFunc(r.Sites, func(s *Site) bool {
				text, ok := f.spell(t.Type, place{nil, s.Stmt.Pos()})
				return !ok || text != t.TypeText
			})
		})
		if hidden && owner.Call.Thunk == nil {
			f.thunk(owner)
			f.captureNoInduction(owner)
		}
	}
}

// Place returns where the records of s are: in its own store, or in that of its
// cycle.
func (s *Site) Place() *Records {
	if s.Store != nil {
		return s.Store
	}
	return s.Records
}

// Stores lists what holds records.
func (r *Records) Stores() (list []*Records) {
	if r.Layout != Steady {
		return []*Records{r}
	}
	for _, s := range r.Sites {
		list = append(list, s.Store)
	}
	return list
}

// maxInFrame returns how many bytes the records of one store may take of the frame.
func (f *Func) maxInFrame() int64 {
	if f.Unit.NoSplit {
		return 64 // all frames of a chain of such functions have 800 bytes
	}
	return 16 << 10 // gc's own limit for an implicit variable on the stack is 64 KB
}

// roomInFrame returns what a slice may cost a frame whose loop is not entered: it is
// cleared.
func (f *Func) roomInFrame() int64 {
	if f.Unit.NoSplit {
		return 0
	}
	return 256
}

// bound returns how many entries can be pending at most, or -1, and whether
// that rests on a promise.
func (r *Records) bound() (n int64, promise bool) {
	for _, s := range r.Sites {
		if s.Bound < 0 {
			return -1, false
		}
		n += max(s.Bound, 1)
		promise = promise || s.Promise
	}
	return n, promise
}

// inRangeFunc reports whether some site stands in the body of a range-over-func
// loop: what that body uses of the frame may be moved to the heap.
func (f *Func) inRangeFunc(r *Records) bool {
	return slices.ContainsFunc(r.Sites, (*Site).inRangeFunc)
}

// inRangeFunc reports whether s stands in the body of a range-over-func loop.
func (s *Site) inRangeFunc() bool {
	return slices.ContainsFunc(s.Loops, func(l *analysis.Loop) bool {
		rs, ok := l.Stmt.(*ast.RangeStmt)
		return ok && s.Func.isRangeFunc(rs)
	})
}

// sizeOf returns the size of a record in bytes, about.
func (f *Func) sizeOf(r *Records) int64 {
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
func (f *Func) broken(r *Records) string {
	pos := f.Unit.Pkg.Fset.PositionFor(r.Sites[0].Stmt.Pos(), false)
	return fmt.Sprintf("%s:%d: more deferred calls than the %d that %s promises", filepath.Base(pos.Filename), pos.Line, r.Len, analysis.MaxMark)
}

func (f *Func) explainLayout(s *Site, r *Records) {
	bound, _ := r.bound()
	bytes := bound * f.sizeOf(r)
	s.Heap = r.Layout == Slice || r.Layout == List || s.capturesOnHeap()
	switch {
	case r.Layout == Counter && s.Store != nil:
	case r.Layout == Counter:
		s.because(Counted)
	case r.Layout == Array && s.Promise:
		s.because(PromisedRoom, r.Len)
	case r.Layout == Array:
		s.because(Room, r.Len)
	case bytes > f.maxInFrame():
		s.because(TooLarge, bytes)
	}
	switch {
	case r.Layout == Array && s.Heap:
		s.because(Captures)
	case !s.Heap && f.inRangeFunc(r):
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
func (r *Records) linked(f *Func) {
	r.Type = f.Unit.Names.Fresh("entry")
	r.Local = "type " + r.Type + " " + r.structText(f, "next *"+r.Type)
}

func (r *Records) structText(f *Func, fields ...string) string {
	if len(r.Sites) > 1 {
		fields = append(fields, "site "+r.tagType(f))
	}
	for _, fd := range r.Fields {
		fields = append(fields, fd.Name+" "+fd.Type)
	}
	return "struct {\n" + strings.Join(fields, "\n") + "\n}"
}

func (r *Records) structType(f *Func) {
	text := r.structText(f)
	r.Type = text
	// Until go 1.20 a generic function could not declare types.
	if !f.isGeneric() || f.goAtLeast("go1.20") {
		r.Type = f.Unit.Names.Fresh("entry")
		r.Local = "type " + r.Type + " " + text
	}
	for _, fd := range r.Fields {
		if hasPointers(fd.typ) {
			r.Zero = r.Type + "{}"
		}
	}
}

func (r *Records) tagType(f *Func) string {
	if len(r.Sites) > 127 && !f.Words.Shadowed {
		return "uint16"
	}
	return f.Words.Tag
}

// zeroOf returns an expression for the zero value of a scalar record, or ""
// where it holds nothing that could be kept alive.
func zeroOf(f *Func, fd Field) string {
	if !hasPointers(fd.typ) {
		return ""
	}
	switch analysis.Under(fd.typ).(type) {
	case *types.Struct, *types.Array:
		return fd.Type + "{}"
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature, *types.Basic:
		if f.predeclared("nil") {
			return "nil"
		}
	case *types.Interface:
		if _, ok := types.Unalias(fd.typ).(*types.TypeParam); !ok && f.predeclared("nil") {
			return "nil"
		}
	}
	if f.predeclared("new") {
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
