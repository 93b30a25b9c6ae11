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

// A store settles how records are kept: "Cycles" in ../../doc.go.
type store struct {
	*draft
	r *Records
}

// fields gives a record a field for each operand that is saved. Sites that save
// operands of one type share fields.
func (st *store) fields() {
	names := map[string]bool{"site": true, "next": true}
	for _, s := range st.r.Sites {
		if s.Call.Thunk != nil {
			st.field(s, s.Call.Thunk, names)
			continue
		}
		for _, t := range s.Call.Temps {
			st.field(s, t, names)
		}
	}
}

// field gives t, which is saved of s, a field: one of its type that s does not use
// yet, or a new one.
func (st *store) field(s *Site, t *Temp, names map[string]bool) {
	r := st.r
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

// element settles the type of an element: that of the one field of a record, or a
// struct of all fields.
func (st *store) element() {
	r := st.r
	if len(r.Sites) == 1 && len(r.Fields) == 1 {
		if zero, ok := st.zeroOf(r.Fields[0]); ok || st.onlyTexts() {
			r.Scalar, r.Type, r.Zero = true, r.Fields[0].Type, zero
			return
		}
	}
	text := st.structText()
	r.Type = text
	if !st.onlyTexts() {
		r.Type = st.Names.Fresh("entry")
		r.Local = "type " + r.Type + " " + text
	}
	hidden := func(fd Field) bool {
		_, ok := st.spellAnywhere(fd.typ)
		return !ok
	}
	keeps := func(fd Field) bool { return hasPointers(fd.typ) }
	if slices.ContainsFunc(r.Fields, keeps) && (r.Local != "" || !slices.ContainsFunc(r.Fields, hidden)) {
		r.Zero = r.Type + "{}"
	}
}

// onlyTexts reports whether the type of a record cannot be declared: until go 1.20 a generic
// function could not declare types.
func (st *store) onlyTexts() bool { return st.isGeneric() && !st.goAtLeast("go1.20") }

// structText writes the struct type of a record: the given fields, a tag where there
// are several sites, and the fields of r.
func (st *store) structText(fields ...string) string {
	if len(st.r.Sites) > 1 {
		tag := st.Words.Tag
		if len(st.r.Sites) > 127 && !st.Words.Shadowed {
			tag = "uint16"
		}
		fields = append(fields, "site "+tag)
	}
	for _, fd := range st.r.Fields {
		fields = append(fields, fd.Name+" "+fd.Type)
	}
	return "struct {\n" + strings.Join(fields, "\n") + "\n}"
}

// zeroOf returns an expression for the zero value of a record that is one field,
// "nil" for a pointer; "" where the field can keep nothing alive. It is not ok where its type
// cannot be written at all exits.
func (st *store) zeroOf(fd Field) (zero string, ok bool) {
	if !hasPointers(fd.typ) {
		return "", true
	}
	if analysis.ComparesWithNil(fd.typ) && st.predeclared("nil") {
		return "nil", true
	}
	if _, ok = st.spellAnywhere(fd.typ); !ok {
		return "", false
	}
	switch analysis.Under(fd.typ).(type) {
	case *types.Struct, *types.Array:
		return fd.Type + "{}", true
	}
	if st.predeclared("new") {
		return "*new(" + fd.Type + ")", true
	}
	return "", true
}

// nameElements names the variable that holds the elements, and the one that takes one
// of them at the exit: fs and f.
func (st *store) nameElements() {
	r, names := st.r, st.Names
	if r.Scalar {
		r.Name = names.Fresh(plural(r.Fields[0].Name))
		r.Elem = names.Local(st.unsaid, r.Fields[0].Name)
		return
	}
	r.Name = names.Fresh("entries")
	r.Elem = names.Local(st.unsaid, "e")
}

// unsaid reports whether name may be that of a variable around the calls of the
// records: none of them uses the name for something else.
func (st *store) unsaid(name string) bool {
	said := strings.Contains(st.r.Zero, name)
	for _, s := range st.r.Sites {
		if k := s.Records.Iterations; k != nil && k.Name == name {
			said = true // it stands beside that
		}
		s.eachAgain(func(id *ast.Ident) {
			lifted := s.Call.Lift != nil && s.Callee.Lit.Pos() <= id.Pos() && id.Pos() < s.Callee.Lit.End()
			said = said || id.Name == name && !lifted
		})
	}
	return !said
}

// hasPointers reports whether a value of type t can keep something alive that has a
// finalizer. A string cannot.
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

// broken is the text of the panic for a promise that breaks.
func (st *store) broken() string {
	pos := st.Unit.Pkg.Fset.PositionFor(st.r.Sites[0].Stmt.Pos(), false)
	return fmt.Sprintf("%s:%d: more deferred calls than the %d that %s promises", filepath.Base(pos.Filename), pos.Line, st.r.Len, analysis.MaxMark)
}
