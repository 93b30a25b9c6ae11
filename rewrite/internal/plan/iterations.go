package plan

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Iterations is what is known of the sites of one loop, if each iteration that goes on
// to the next one passes all of them: entry number j belongs to site j modulo
// the number of sites, and to iteration j divided by it. A record does not say which
// site it is of, and what can be computed again from the number of the iteration is
// not kept:
//
//	for i := range locks {          pending := 0
//		locks[i].Lock()             for i := range locks {
//		defer locks[i].Unlock()         locks[i].Lock()
//	}                                   pending++
//	                      becomes   }
//	                                for pending > 0 {
//	                                    pending--
//	                                    i := pending
//	                                    locks[i].Unlock()
//	                                }
type Iterations struct {
	Var       *types.Var     // counts the iterations; nil where no variable does
	Name      string         // of Var, where an entry needs it; else ""
	Iteration string         // of a variable for the number of the iteration; "" where none is needed
	Value     string         // what Var is in that iteration
	Bare      *ast.RangeStmt // the loop, where it has no other use for Var; else nil

	first, step int64
}

// maxStores is how many sites of a loop may have stores of their own. More of
// them share one, which costs the frame less.
const maxStores = 4

// iterations looks at the sites of r.
func (f *Func) iterations(r *Records) *Iterations {
	if f.Words.Shadowed || f.HasGoto || len(r.Sites) > maxStores || len(r.Sites[0].Loops) != 1 {
		return nil
	}
	loop := r.Sites[0].Loops[0].Stmt
	for _, s := range r.Sites {
		if len(s.Loops) != 1 || s.Loops[0].Stmt != loop || !slices.Contains(loopBody(loop).List, ast.Stmt(s.Stmt)) {
			return nil
		}
	}
	last := r.Sites[len(r.Sites)-1].Stmt
	if rs, ok := loop.(*ast.RangeStmt); ok && f.isRangeFunc(rs) || continues(loopBody(loop), last.Pos()) {
		return nil
	}
	k := &Iterations{}
	switch l := loop.(type) {
	case *ast.RangeStmt:
		f.rangeIterations(k, l)
	case *ast.ForStmt:
		f.forIterations(k, l)
	}
	if k.Var != nil && !f.countable(k) {
		k.Var = nil
	}
	return k
}

// continues reports whether a continue statement in body, before end, may go on
// with the next iteration.
func continues(body *ast.BlockStmt, end token.Pos) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			found = found || labelled(n)
			return false
		case *ast.BranchStmt:
			found = found || n.Tok == token.CONTINUE && n.Pos() < end
		}
		return !found
	})
	return found
}

// labelled reports whether a continue statement in loop names a label: it may be
// that of a loop around.
func labelled(loop ast.Node) (found bool) {
	ast.Inspect(loop, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && b.Tok == token.CONTINUE && b.Label != nil
		return !found
	})
	return found
}

// rangeIterations is for "for i := range x", unless x is a map, channel or string.
func (f *Func) rangeIterations(k *Iterations, l *ast.RangeStmt) {
	id, ok := l.Key.(*ast.Ident)
	if !ok || l.Tok != token.DEFINE || id.Name == "_" {
		return
	}
	v, _ := f.info.Defs[id].(*types.Var)
	if v == nil || !f.Unit.Vars.Fixed(v) {
		return
	}
	switch t := analysis.Under(f.info.TypeOf(l.X)).(type) {
	case *types.Basic:
		if t.Info()&types.IsInteger == 0 {
			return
		}
	case *types.Slice, *types.Array, *types.Pointer:
	default:
		return
	}
	k.Var, k.step = v, 1
}

// forIterations is for a loop with a counter that starts at a constant.
func (f *Func) forIterations(k *Iterations, l *ast.ForStmt) {
	c, ok := analysis.CounterOf(f.info, l)
	if !ok || c.First == nil {
		return
	}
	first, exact := constant.Int64Val(constant.ToInt(c.First))
	if !exact || first <= -1<<31 || first >= 1<<31 {
		return
	}
	k.Var, k.first, k.step = c.Var, first, c.Step
}

// isInduction reports whether x is the induction variable in which the site is
// passed whose operands are being planned.
func (f *Func) isInduction(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && f.inIterations() && f.site.Records.Iterations.Var != nil && f.info.Uses[id] == f.site.Records.Iterations.Var
}

// inIterations reports whether every iteration of a loop passes that site.
func (f *Func) inIterations() bool {
	return f.site != nil && f.site.Records != nil && f.site.Records.Iterations != nil && !f.site.noInduction
}

// captureNoInduction plans the call of s again where it is made by a literal that
// captures the induction variable, in a language in which all iterations share that:
// until go 1.22 it has its last value when the literal runs.
func (f *Func) captureNoInduction(s *Site) {
	if s.Call.Thunk == nil || s.Records == nil || s.Records.Iterations == nil || f.goAtLeast("go1.22") {
		return
	}
	s.noInduction = true
	f.operands(s)
	f.thunk(s)
}

// isElement reports whether x is an element that the induction variable
// selects, of a variable whose elements stay where they are.
func (f *Func) isElement(x *ast.IndexExpr, places []place) bool {
	id, ok := ast.Unparen(x.X).(*ast.Ident)
	return ok && f.isInduction(x.Index) && f.frame.Within(x.Index, id, f.site.Stmt) && f.visibleAt(f.info.Uses[id], id.Name, places)
}

// layOutIterations gives each site that has something to keep a store of its own,
// with an element for each iteration.
func (f *Func) layOutIterations(r *Records) {
	r.Layout = Steady
	for _, s := range r.Sites {
		s.Store = &Records{Sites: []*Site{s}}
		f.layOutStore(s.Store)
		s.because(EveryIteration)
		f.explainLayout(s, s.Store)
	}
}

// needInduction finds out whether a call is written with the counter, and whether
// the loop still needs it then.
func (f *Func) needInduction(r *Records) {
	k := r.Iterations
	if k.Var == nil {
		return
	}
	again := map[*ast.Ident]bool{}
	for _, s := range r.Sites {
		f.eachAgain(s, func(id *ast.Ident) {
			if f.info.Uses[id] == k.Var {
				again[id] = true
				k.Name = cmp.Or(f.Renames[k.Var], id.Name)
			}
		})
	}
	loop, ok := r.Sites[0].Loops[0].Stmt.(*ast.RangeStmt)
	if !ok || k.Name == "" {
		return
	}
	for _, s := range r.Sites {
		if s.Call.CallNil && f.says(s.Stmt.Call, k.Var) {
			return // it calls the method in the loop
		}
	}
	k.Bare = loop
	ast.Inspect(loop.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && f.info.Uses[id] == k.Var && !again[id] {
			k.Bare = nil
		}
		return true
	})
}

// says reports whether x mentions v.
func (f *Func) says(x ast.Expr, v *types.Var) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && f.info.Uses[id] == v
		return !found
	})
	return found
}

// eachAgain visits the identifiers in the call of s that are not part of what
// is saved, nor of a literal that stays where it is.
func (f *Func) eachAgain(s *Site, visit func(*ast.Ident)) {
	if s.Call.Thunk != nil {
		return
	}
	saved := map[ast.Node]bool{}
	for _, t := range s.Call.Temps {
		if !t.Value.Captured {
			saved[t.Value.Expr] = true
		}
	}
	if s.Call.Spread {
		saved[s.Stmt.Call.Args[0]] = true
	}
	ast.Inspect(s.Stmt.Call, func(n ast.Node) bool {
		if n == nil || saved[n] {
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			visit(id)
		}
		return true
	})
}

// nameIterations names what is needed to find an entry's operands.
func (f *Func) nameIterations(r *Records) {
	k, names := r.Iterations, f.Unit.Names
	number := r.Number
	stores := false
	for _, s := range r.Sites {
		f.nameStore(s.Store)
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
		text, _ := f.spell(t, f.start())
		k.Value = text + "(" + number + ")"
	}
}

// countable reports whether the counter can be computed again: as an int, or
// from a number that is the same in its type.
func (f *Func) countable(k *Iterations) bool {
	t := k.Var.Type()
	if types.Identical(t, types.Typ[types.Int]) {
		return true
	}
	_, ok := f.spell(t, f.start())
	return ok && k.first == 0 && k.step == 1
}
