package plan

import (
	"fmt"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Remedy tells what would make s cheaper: keep its records, which are on the heap, in
// the frame, or make the call of a defer statement that stays explicit. It is of no
// kind where nothing is known to.
func (s *Site) Remedy() Reason {
	switch {
	case !s.Heap && len(s.Stays) > 0 && s.Stays[0].Kind == MustCall && s.Recovers.How == analysis.Maybe && !s.Recovers.Calls:
		return Reason{Kind: RemedyUnseen, Pos: s.Func.position(s.Stmt.Pos())}
	case !s.Heap:
		return Reason{}
	case s.Records == nil:
		return Reason{Kind: RemedyNative, Pos: s.Func.position(s.Stmt.Pos())}
	}
	r := s.Place()
	var parts []string
	if r.Layout.OnHeap {
		parts = append(parts, s.boundRemedy(r))
	}
	if r.inRangeFunc() {
		parts = append(parts, "the loop would have to be over something else than a function")
	}
	if s.capturesOnHeap() {
		parts = append(parts, "what the call captures in each iteration would have to be its arguments")
	}
	return Reason{Kind: RemedyRecord, Pos: s.Func.position(s.Stmt.Pos()), Args: []string{strings.Join(parts, ", and ")}}
}

// boundRemedy tells what would bound the number of records.
func (s *Site) boundRemedy(r *Records) string {
	if n, _ := r.bound(); n > 0 {
		return fmt.Sprintf("the frame has room for %d of its records", maxInFrame(s.Func)/sizeOf(s.Func, r))
	}
	for _, other := range r.Sites {
		if s.Bound >= 0 && other.Bound < 0 {
			return fmt.Sprintf("they are kept together with those of the defer statement at line %d, which would have to be bounded", s.Func.line(other.Stmt.Pos()))
		}
	}
	var free []string
	for _, l := range s.Loops {
		if l.Trips < 0 {
			free = append(free, fmt.Sprint(s.Func.line(l.Stmt.Pos())))
		}
	}
	switch {
	case s.Func.HasGoto:
		return fmt.Sprintf("%s N above the defer statement would bound it: with goto in the function, iterations are not counted", analysis.MaxMark)
	case len(free) == 0:
		return fmt.Sprintf("fewer iterations, or %s N above the defer statement, would bound it", analysis.MaxMark)
	case len(free) > 1:
		return fmt.Sprintf("the loops at lines %s make any number of iterations: constant numbers, arrays, or %s N above each would bound it", strings.Join(free, " and "), analysis.MaxMark)
	}
	return fmt.Sprintf("the loop at line %s makes any number of iterations: a constant number, an array, or %s N above it would bound it", free[0], analysis.MaxMark)
}
