package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Grow says how many iterations a loop makes at most that adds a record in each, so
// that there is room for all of them before it starts:
//
//	var buf [16]*os.File
//	files := buf[:0]
//	if len(names) > len(buf) {
//		files = make([]*os.File, 0, min(len(names), 1024))
//	}
//	for _, name := range names {
//
// Beyond MostAtOnce it grows by itself: the loop may end long before.
type Grow struct {
	Loop  ast.Stmt
	Count ast.Expr // of type int, or what has a length
	Len   bool     // the number of iterations is its length
}

// MostAtOnce is how many records get room at once.
const MostAtOnce = 1024

// growth finds out how many iterations the loop of r makes, if that can be told
// before it, without doing anything.
func (f *Func) growth(r *Records) *Grow {
	if f.HasGoto || f.Words.Shadowed || !f.predeclared("make") || !f.predeclared("min") || !f.goAtLeast("go1.21") || !f.everyIteration(r) {
		return nil
	}
	g := &Grow{Loop: r.Sites[0].Loops[0].Stmt}
	switch l := g.Loop.(type) {
	case *ast.RangeStmt:
		switch analysis.Under(f.info.TypeOf(l.X)).(type) {
		case *types.Slice, *types.Map:
			g.Len = true
		case *types.Basic:
			if !types.Identical(f.info.TypeOf(l.X), types.Typ[types.Int]) {
				return nil
			}
		default:
			return nil
		}
		g.Count = l.X
	case *ast.ForStmt:
		c, ok := analysis.CounterOf(f.info, l)
		if !ok || c.Op != token.LSS || c.Step != 1 || c.First == nil || constant.Sign(c.First) != 0 {
			return nil
		}
		g.Count, g.Len = c.Bound, c.Len != nil
		if g.Len {
			g.Count = c.Len
		} else if !types.Identical(f.info.TypeOf(c.Bound), types.Typ[types.Int]) {
			return nil
		}
	}
	before := []place{{nil, g.Loop.Pos()}}
	if f.info.Types[g.Count].Value != nil || !f.isPath(g.Count) || !f.namesVisible(g.Count, before) {
		return nil
	}
	if len(r.Fields) == 1 { // the type of a record is that of the field
		if text, ok := f.spell(r.Fields[0].typ, before[0]); !ok || text != r.Fields[0].Type {
			return nil
		}
	}
	return g
}

// everyIteration reports whether each iteration of the one loop around r adds a record,
// as far as it gets.
func (f *Func) everyIteration(r *Records) bool {
	return len(r.Sites) == 1 && r.Sites[0].Records.Iterations != nil
}

// isPath reports whether x is a variable, or a field of one.
func (f *Func) isPath(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		_, ok := f.info.Uses[x].(*types.Var)
		return ok
	case *ast.SelectorExpr:
		s := f.info.Selections[x]
		return s != nil && s.Kind() == types.FieldVal && f.isPath(x.X)
	}
	return false
}
