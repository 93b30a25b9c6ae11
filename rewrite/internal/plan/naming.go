package plan

// nameAll names the variables of the mask and of the records. It comes last, so that
// the operands of a site get the better names.
func nameAll(d *draft) {
	names := d.Unit.Names
	if m := d.Mask; m != nil {
		for i := 0; i < m.Bits; i += m.Word {
			m.Names = append(m.Names, names.Fresh("active"))
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
