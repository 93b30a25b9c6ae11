package plan

import (
	"slices"
)

// maskName returns a name for a variable of the mask: "active", which functions may share
// that stand beside one another or, where that hides nothing, inside one another.
//
//	active := true
//	go func() {
//		active := true // another one
func maskName(d *draft) string {
	const name = "active"
	hides := func(inner *Func) bool {
		return slices.ContainsFunc(d.Sites, func(s *Site) bool { return s.Own && within(inner.Node, s.Callee.Lit) })
	}
	if d.Mask.Bits > d.Mask.Word || slices.ContainsFunc(d.Unit.actives, hides) {
		return d.Names.Fresh(name)
	}
	found := d.Names.Mask(name)
	if found == name {
		d.Unit.actives = append(d.Unit.actives, d.Func)
	}
	return found
}

// nameAll names the variables of the mask and of the records. It comes last, so that
// the operands of a site get the better names.
func nameAll(d *draft) {
	names := d.Names
	if m := d.Mask; m != nil {
		for i := 0; i < m.Bits; i += m.Word {
			m.Names = append(m.Names, maskName(d))
		}
	}
	for _, l := range d.Chain {
		if r := l.Records; r != nil {
			if r.Layout.Counted {
				r.Number = names.Fresh("pending")
			}
			st := &store{d, r}
			if r.Layout.Apart {
				st.nameIterations()
			} else {
				layoutOf(r.Layout).name(st)
			}
			for _, s := range r.Sites {
				s.Call.nameApart(names)
			}
		}
	}
}
