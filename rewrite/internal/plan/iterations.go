package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// maxStores is how many sites of a loop may have stores of their own. More of
// them share one, which costs the frame less.
const maxStores = 4

// iterations returns what is known of the loop around r if every iteration passes all
// sites of r, else nil: "Cycles" in ../../doc.go.
func iterations(d *draft, r *Records) *Iterations {
	if d.Words.Shadowed || d.HasGoto || len(r.Sites) > maxStores || len(r.Sites[0].Loops) != 1 {
		return nil
	}
	loop := r.Sites[0].Loops[0].Stmt
	for _, s := range r.Sites {
		if len(s.Loops) != 1 || s.Loops[0].Stmt != loop || !slices.Contains(loopBody(loop).List, ast.Stmt(s.Stmt)) {
			return nil
		}
	}
	last := r.Sites[len(r.Sites)-1].Stmt
	if rs, ok := loop.(*ast.RangeStmt); ok && analysis.IsRangeFunc(d.info, rs) || continues(loopBody(loop), last.Pos()) {
		return nil
	}
	k := &Iterations{}
	switch l := loop.(type) {
	case *ast.RangeStmt:
		rangeIterations(d, k, l)
	case *ast.ForStmt:
		forIterations(d.info, k, l)
	}
	if k.Var != nil && !countable(d, k) {
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

// rangeIterations finds the induction variable of "for i := range x": not where x is
// a map, a channel or a string.
func rangeIterations(d *draft, k *Iterations, l *ast.RangeStmt) {
	id, ok := l.Key.(*ast.Ident)
	if !ok || l.Tok != token.DEFINE || id.Name == "_" {
		return
	}
	v, _ := d.info.Defs[id].(*types.Var)
	if v == nil || !d.Unit.Vars.Fixed(v) {
		return
	}
	switch t := analysis.Under(d.info.TypeOf(l.X)).(type) {
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

// forIterations finds the induction variable of "for i := 0; i < n; i++", and its
// first value, which has to be a constant.
func forIterations(info *types.Info, k *Iterations, l *ast.ForStmt) {
	c, ok := analysis.CounterOf(info, l)
	if !ok || c.First == nil {
		return
	}
	first, exact := constant.Int64Val(constant.ToInt(c.First))
	if !exact || first <= -1<<31 || first >= 1<<31 {
		return
	}
	k.Var, k.first, k.step = c.Var, first, c.Step
}

// countable reports whether the value of the induction variable can be computed from
// the number of its iteration: it is an int, or the two are the same in its type.
func countable(d *draft, k *Iterations) bool {
	t := k.Var.Type()
	if types.Identical(t, types.Typ[types.Int]) {
		return true
	}
	_, ok := d.spellAnywhere(t)
	return ok && k.first == 0 && k.step == 1
}
