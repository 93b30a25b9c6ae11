package lower

import "github.com/dedefer/dedefer/rewrite/internal/plan"

// A steady store is for sites that take turns, and have stores of their own:
// plan.Steady.
type steady struct {
	records
	own []store // of each site
}

func (st steady) push(*template, *plan.Site, []string) {} // each has a store of its own

func (st steady) pop(t *template, guard bool) {
	k, index := st.Iterations, st.Number
	t.add("%s--", st.Number)
	if k.Iteration != "" {
		t.add("%s := %s / %d", k.Iteration, st.Number, len(st.Sites))
		index = k.Iteration
	}
	if k.Name != "" {
		t.add("%s := %s", k.Name, k.Value)
	}
	if len(st.Sites) == 1 {
		st.own[0].nth(t, index, guard)
		return
	}
	t.add("switch %s %% %d {", st.Number, len(st.Sites))
	for i := range st.Sites {
		t.add("case %d:", i)
		st.own[i].nth(t, index, guard)
	}
	t.add("}")
}
