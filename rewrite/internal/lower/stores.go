package lower

import "github.com/dedefer/dedefer/rewrite/internal/plan"

// stores has a line for each layout of the table in plan.
var stores = map[*plan.Layout]func(records) store{
	plan.Counter: func(r records) store { return counter{r} },
	plan.Array:   func(r records) store { return array{r} },
	plan.List:    func(r records) store { return list{r} },
	plan.Slice:   func(r records) store { return slice{r} },
}

// store returns what writes the code for r.
func (cs *calls) store(r *plan.Records) store {
	all := records{r, cs}
	if !r.Layout.Apart {
		return stores[r.Layout](all)
	}
	st := steady{records: all}
	for _, s := range r.Sites {
		st.own = append(st.own, cs.store(s.Store))
	}
	return st
}

// popAll runs all entries of a store, at an exit.
func popAll(t *template, st store) {
	if s, ok := st.(interface{ walk(t *template) bool }); ok && s.walk(t) {
		return
	}
	t.add("for %s {", st.pending())
	st.pop(t, false)
	t.add("}")
}
