package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// growth finds out how many iterations the loop of r makes, if that can be told
// before it, without doing anything.
func (ls *layouts) growth(r *Records) *Grow {
	if ls.HasGoto || ls.Words.Shadowed || !ls.predeclared("make") || !ls.predeclared("min") || !ls.goAtLeast("go1.21") || !everyIteration(ls.Func, r) {
		return nil
	}
	g := &Grow{Loop: r.Sites[0].Loops[0].Stmt}
	switch l := g.Loop.(type) {
	case *ast.RangeStmt:
		switch analysis.Under(ls.info.TypeOf(l.X)).(type) {
		case *types.Slice, *types.Map:
			g.Len = true
		case *types.Basic:
			if !types.Identical(ls.info.TypeOf(l.X), types.Typ[types.Int]) {
				return nil
			}
		default:
			return nil
		}
		g.Count = l.X
	case *ast.ForStmt:
		c, ok := analysis.CounterOf(ls.info, l)
		if !ok || c.Op != token.LSS || c.Step != 1 || c.First == nil || constant.Sign(c.First) != 0 {
			return nil
		}
		g.Count, g.Len = c.Bound, c.Len != nil
		if g.Len {
			g.Count = c.Len
		} else if !types.Identical(ls.info.TypeOf(c.Bound), types.Typ[types.Int]) {
			return nil
		}
	}
	before := []place{{nil, g.Loop.Pos()}}
	if ls.info.Types[g.Count].Value != nil || !isPath(ls.info, g.Count) || !ls.namesVisible(g.Count, before) {
		return nil
	}
	if len(r.Fields) == 1 { // the type of a record is that of the field
		if text, ok := ls.spell(r.Fields[0].typ, before[0]); !ok || text != r.Fields[0].Type {
			return nil
		}
	}
	return g
}

// everyIteration reports whether each iteration of the one loop around r adds a record,
// as far as it gets.
func everyIteration(f *Func, r *Records) bool {
	return len(r.Sites) == 1 && r.Sites[0].Records.Iterations != nil
}
