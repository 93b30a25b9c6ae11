package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Slice is a slice, which has room for a few records in the frame, and then grows as
// one block on the heap.
//
//	var buf [16]*os.File
//	files := buf[:0]
//	...
//	files = append(files, f)
//
// 16 entries cost 220 ns in it, and 570 ns as linked records of their own
// (../../../docs/semantics.md has the figures).
var Slice = &Layout{Name: "slice", OnHeap: true, Cost: CostFrame}

type slice struct{}

func (slice) fits(*store) bool { return true }

func (slice) settle(st *store) {
	if n := min(16, roomInFrame(st.Func)/sizeOf(st.Func, st.r)); n > 1 && !st.r.inRangeFunc() {
		st.r.Room = n
		st.r.Grow = st.growth()
	}
	st.element()
}

func (slice) explain(st *store, s *Site) { st.explainSize(s) }

func (slice) name(st *store) {
	st.nameElements()
	st.r.Index = st.Names.Local(st.unsaid, "i")
	if st.r.Room > 0 {
		st.r.Buf = st.Names.Fresh("buf")
	}
}

// growth returns how many records the loop adds, if an expression says so before it
// that does nothing when it is evaluated; else nil.
func (st *store) growth() *Grow {
	r := st.r
	if st.HasGoto || st.Words.Shadowed || !st.predeclared("make") || !st.predeclared("min") || !st.goAtLeast("go1.21") || !everyIteration(r) {
		return nil
	}
	g := &Grow{Loop: r.Sites[0].Loops[0].Stmt}
	switch l := g.Loop.(type) {
	case *ast.RangeStmt:
		switch analysis.Under(st.info.TypeOf(l.X)).(type) {
		case *types.Slice, *types.Map:
			g.Len = true
		case *types.Basic:
			if !types.Identical(st.info.TypeOf(l.X), types.Typ[types.Int]) {
				return nil
			}
		default:
			return nil
		}
		g.Count = l.X
	case *ast.ForStmt:
		c, ok := analysis.CounterOf(st.info, l)
		if !ok || c.Op != token.LSS || c.Step != 1 || c.First == nil || constant.Sign(c.First) != 0 {
			return nil
		}
		g.Count, g.Len = c.Bound, c.Len != nil
		if g.Len {
			g.Count = c.Len
		} else if !types.Identical(st.info.TypeOf(c.Bound), types.Typ[types.Int]) {
			return nil
		}
	}
	before := []place{{nil, g.Loop.Pos()}}
	if st.info.Types[g.Count].Value != nil || !isPath(st.info, g.Count) || !st.namesVisible(g.Count, before) {
		return nil
	}
	if len(r.Fields) == 1 { // the type of a record is that of the field
		if text, ok := st.spell(r.Fields[0].typ, before[0]); !ok || text != r.Fields[0].Type {
			return nil
		}
	}
	return g
}

// everyIteration reports whether each iteration adds one record.
func everyIteration(r *Records) bool {
	return len(r.Sites) == 1 && r.Sites[0].Records.Iterations != nil
}
