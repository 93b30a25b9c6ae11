package plan

import (
	"cmp"
	"go/ast"
)

// needInduction finds out whether a call is written with the counter, and whether
// the loop still needs it then.
func (ls *layouts) needInduction(r *Records) {
	k := r.Iterations
	if k.Var == nil {
		return
	}
	again := map[*ast.Ident]bool{}
	for _, s := range r.Sites {
		s.eachAgain(func(id *ast.Ident) {
			if ls.info.Uses[id] == k.Var {
				again[id] = true
				k.Name = cmp.Or(ls.Renames[k.Var], id.Name)
			}
		})
	}
	loop, ok := r.Sites[0].Loops[0].Stmt.(*ast.RangeStmt)
	if !ok || k.Name == "" {
		return
	}
	for _, s := range r.Sites {
		if s.Call.CallNil && says(ls.info, s.Stmt.Call, k.Var) {
			return // it calls the method in the loop
		}
	}
	k.Bare = loop
	ast.Inspect(loop.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && ls.info.Uses[id] == k.Var && !again[id] {
			k.Bare = nil
		}
		return true
	})
}

// layOutIterations gives each site that has something to keep a store of its own,
// with an element for each iteration.
func (ls *layouts) layOutIterations(r *Records) {
	r.Layout = Steady
	for _, s := range r.Sites {
		s.Store = &Records{Sites: []*Site{s}}
		ls.layOutStore(s.Store)
		s.because(EveryIteration)
		ls.explainLayout(s, s.Store)
	}
}
