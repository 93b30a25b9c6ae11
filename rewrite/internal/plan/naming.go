package plan

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// nameAll names the mask and the records: last, so that a site's own names
// come first.
func nameAll(d *draft) {
	names := d.Unit.Names
	if m := d.Mask; m != nil {
		for i := 0; i < m.Bits; i += m.Word {
			m.Names = append(m.Names, names.Fresh("active"))
		}
	}
	for _, l := range d.Chain {
		if r := l.Records; r != nil {
			if r.Layout != Slice {
				r.Number = names.Fresh("pending")
			}
			if r.Layout == Steady {
				nameIterations(d, r)
			} else {
				nameStore(d, r)
			}
			for _, s := range r.Sites {
				s.Call.nameApart(names)
			}
		}
	}
}

func nameStore(d *draft, r *Records) {
	names := d.Unit.Names
	free := func(name string) bool { return !strings.Contains(r.Zero, name) && !saysAgain(d.Func, r, name) }
	switch {
	case r.Layout == Counter:
	case r.Scalar:
		r.Name = names.Fresh(r.Fields[0].Name + "s")
		r.Elem = names.Local(free, r.Fields[0].Name)
	default:
		r.Name = names.Fresh("entries")
		r.Elem = names.Local(free, "e")
	}
	if r.Layout == Slice {
		r.Index = names.Local(free, "i")
	}
	if r.Room > 0 {
		r.Buf = names.Fresh("buf")
	}
}

// saysAgain reports whether name stands in the call of a record of r, other than
// in what the record keeps and in a literal that stands elsewhere.
func saysAgain(f *Func, r *Records, name string) (found bool) {
	for _, s := range r.Sites {
		s.eachAgain(func(id *ast.Ident) {
			lifted := s.Call.Lift != nil && s.Callee.Lit.Pos() <= id.Pos() && id.Pos() < s.Callee.Lit.End()
			found = found || id.Name == name && !lifted
		})
	}
	return found
}

// nameIterations names what is needed to find an entry's operands.
func nameIterations(d *draft, r *Records) {
	k, names := r.Iterations, d.Unit.Names
	number := r.Number
	stores := false
	for _, s := range r.Sites {
		nameStore(d, s.Store)
		stores = stores || s.Store.Layout != Counter
	}
	if len(r.Sites) > 1 {
		number = fmt.Sprintf("%s / %d", r.Number, len(r.Sites))
		if stores || k.Name != "" {
			k.Iteration = names.Fresh("iteration")
		}
	}
	if k.Name == "" {
		return
	}
	if k.Iteration != "" {
		number = k.Iteration
	}
	switch {
	case k.step == -1:
		number = fmt.Sprintf("%d - %s", k.first, number)
	case k.step < 0:
		number = fmt.Sprintf("%d - %s*%d", k.first, number, -k.step)
	case k.step > 1:
		number = fmt.Sprintf("%s*%d", number, k.step)
	}
	switch {
	case k.step > 0 && k.first > 0:
		number = fmt.Sprintf("%d + %s", k.first, number)
	case k.step > 0 && k.first < 0:
		number = fmt.Sprintf("%s - %d", number, -k.first)
	}
	k.Value = number
	if t := k.Var.Type(); !types.Identical(t, types.Typ[types.Int]) {
		text, _ := d.spell(t, d.start())
		k.Value = text + "(" + number + ")"
	}
}
