package plan

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
)

// Steady sites take turns: every iteration of their loop passes them all, so that a
// number of entries tells of which iteration each is. Each site has a store of its
// own, which has a layout too.
var Steady = &Layout{Name: "steady", Counted: true, Bare: true, Apart: true}

// needInduction finds out whether some call is written with the induction variable,
// which then has to be computed again, and whether the loop itself still uses it.
func (st *store) needInduction() {
	r := st.r
	k := r.Iterations
	if k.Var == nil {
		return
	}
	again := map[*ast.Ident]bool{}
	for _, s := range r.Sites {
		s.eachAgain(func(id *ast.Ident) {
			if st.info.Uses[id] == k.Var {
				again[id] = true
				k.Name = cmp.Or(st.Renames[k.Var], id.Name)
			}
		})
	}
	loop, ok := r.Sites[0].Loops[0].Stmt.(*ast.RangeStmt)
	if !ok || k.Name == "" {
		return
	}
	for _, s := range r.Sites {
		if s.Call.CallNil && says(st.info, s.Stmt.Call, k.Var) {
			return // it calls the method in the loop
		}
	}
	k.Bare = loop
	ast.Inspect(loop.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && st.info.Uses[id] == k.Var && !again[id] {
			k.Bare = nil
		}
		return true
	})
}

// takeTurns gives each site a store of its own, with an element for each iteration.
func (st *store) takeTurns() {
	st.r.Layout = Steady
	for _, s := range st.r.Sites {
		s.Store = &Records{Sites: []*Site{s}}
		own := &store{st.draft, s.Store}
		own.layOut()
		s.because(EveryIteration)
		own.explain(s)
	}
}

// nameIterations names the variables that tell of an entry which iteration it is of,
// and what the induction variable was in that: "2 + pending*3".
func (st *store) nameIterations() {
	r := st.r
	k, names := r.Iterations, st.Names
	number := r.Number
	stores := false
	for _, s := range r.Sites {
		layoutOf(s.Store.Layout).name(&store{st.draft, s.Store})
		stores = stores || !s.Store.Layout.Bare
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
		text, _ := st.spell(t, st.start())
		k.Value = text + "(" + number + ")"
	}
}
