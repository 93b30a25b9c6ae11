package plan

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

// record: each entry of a site in a cycle is a record in a slice that belongs
// to the frame. One slice serves all sites of a cycle, so that its order is
// the order of the entries.
//
// A slice is one growing block: 16 entries cost 220 ns in it and 570 ns as
// linked records of their own (../../../docs/semantics.md has the figures).
func record(f *Func, s *Site) (string, bool) {
	if s.Cycle < 0 {
		return "", false
	}
	return "in a loop: it may be reached more than once", true
}

// Records is the slice for the entries of one cycle, or, where the only site
// has nothing to remember, the number of its entries.
type Records struct {
	Sites  []*Site
	Name   string  // of the variable
	Fields []Field // of a record
	Count  bool    // a number instead of a slice
	Scalar bool    // the element is the one field itself
	Type   string  // of an element; for a struct type with a name, its name
	Local  string  // declaration of that type, "" where it needs none
	Elem   string  // name of the variable that holds one element at the exit
	Zero   string  // expression for a zero element; "" where nothing need be released
	Linked string  // for a linked list instead of a slice: the variable that counts it
}

// A Field is a field of a record.
type Field struct {
	Name, Type string
	typ        types.Type
	used       map[*Site]bool
}

// layOut chooses the fields of a record: sites share fields of one type.
func (f *Func) layOut(r *Records) {
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
	switch {
	case len(r.Sites) == 1 && len(r.Fields) == 0:
		r.Count = true
	case f.Words.Shadowed:
		r.linked(f)
	case len(r.Sites) == 1 && len(r.Fields) == 1:
		r.Scalar = true
		r.Type = r.Fields[0].Type
		r.Zero = zeroOf(f, r.Fields[0])
	default:
		r.structType(f)
	}
	for _, s := range r.Sites {
		s.Heap = !r.Count
		if r.Count {
			s.Reason += "; a number tells how often"
		}
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
	r.Linked = f.Unit.Names.Fresh("pending")
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
	if !f.isGeneric() || f.goAtLeast(20) {
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
	switch under(fd.typ).(type) {
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
