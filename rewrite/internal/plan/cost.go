package plan

import (
	"fmt"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// BitText returns the expression that tells whether s is pending, "active",
// "active&2" or "onExit != nil"; "" where nothing asks.
func (f *Func) BitText(s *Site) string {
	if s.If != nil {
		return types.ExprString(s.If.Cond)
	}
	if s.ByFunc && !s.NoOp {
		return s.Call.FuncName() + " != nil"
	}
	if s.Bit < 0 || f.Mask == nil {
		return ""
	}
	name := f.Mask.Names[s.Bit/f.Mask.Word]
	if f.Mask.Bool {
		return name
	}
	return fmt.Sprintf("%s&%d", name, uint64(1)<<(s.Bit%f.Mask.Word))
}

// Cost says what s costs at run time.
func (f *Func) Cost(s *Site) Reason {
	exits := 0
	for _, e := range f.Exits {
		if e.Runs.Has(s.Index) {
			exits++
		}
	}
	at := "1 exit"
	if exits != 1 {
		at = fmt.Sprintf("%d exits", exits)
	}
	if f.Tail != nil {
		at = "the shared tail"
	}
	switch {
	case s.Strategy.Stays:
		return Reason{Kind: CostNative}
	case s.Strategy.Never:
		return Reason{Kind: CostNothing}
	case s.Records != nil && s.Heap:
		return Reason{Kind: CostHeap}
	case s.Records != nil:
		return Reason{Kind: s.Place().Layout.Cost}
	case s.Bit >= 0 && !s.Strategy.Asks:
		return Reason{Kind: CostGuardBit, Args: []string{at}}
	case s.Bit >= 0 || s.ByFunc && !s.NoOp:
		return Reason{Kind: CostBit, Args: []string{at}}
	}
	return Reason{Kind: CostCalls, Args: []string{at}}
}

// GCReason says why gc has its class for s.
func (f *Func) GCReason(s *Site, gc *analysis.GC) Reason {
	at := func(k Kind, args ...any) Reason { return f.becauseAt(s.Stmt.Pos(), k, args...)[0] }
	switch {
	case gc.Class[s.Index] == analysis.HeapRecord && len(s.Loops) > 0 && s.inRangeFunc():
		return at(GCRangeFunc)
	case gc.Class[s.Index] == analysis.HeapRecord:
		return at(GCLoop)
	case gc.Class[s.Index] == analysis.OpenCoded:
		return at(GCFew)
	case gc.Loop != nil:
		return f.becauseAt(gc.Loop.Pos(), GCNoOpen)[0]
	case gc.Many():
		return at(GCMany, gc.Sites)
	case gc.Long():
		return at(GCReturns, gc.Sites, gc.Return)
	}
	return at(GCResult, gc.Result.Name())
}
