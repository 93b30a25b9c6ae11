package plan

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// results settles how the operands of return statements reach the caller:
// "Results" in ../../doc.go.
type results struct{ *draft }

// setFirst reports whether the results have to be set before the chain runs at e.
func (rs *results) setFirst(e *Exit) bool {
	return rs.Tail != nil || rs.mayStand(e) || rs.resultsVisible(e)
}

// mayStand reports whether the caller may get the results as they stand: a call at e
// panics, and an older entry recovers.
func (rs *results) mayStand(e *Exit) bool {
	for _, r := range rs.Sites {
		if r.Recovers.How != analysis.Never && rs.Unwinds != nil && e.Active.May.Has(r.Index) && rs.newerMayPanic(e, r) {
			return true
		}
	}
	return false
}

// avoidTypes gives another name to a result that a type hides where something
// has to be assigned to it. What else hides a result is renamed itself
// (unhide), but the name of a type can be seen when a program runs.
func (rs *results) avoidTypes() {
	for _, e := range rs.Exits {
		if e.Plain || e.Return == nil {
			continue
		}
		innermost := rs.fn.Innermost(e.Return.Pos())
		for i := range rs.Results {
			r := &rs.Results[i]
			if r.Name == "" || r.Name == "_" || r.Renamed {
				continue
			}
			if _, isType := rs.hiding(innermost, r.Var, e.Return.Pos()).(*types.TypeName); isType {
				r.Name, r.Renamed = rs.Names.Fresh(r.Name), true
				rs.Renames[r.Var] = r.Name
			}
		}
	}
}

// resultsVisible reports whether a call that is pending at e may read or change a
// result.
func (rs *results) resultsVisible(e *Exit) bool {
	return slices.ContainsFunc(rs.Results, func(r Result) bool { return rs.resultVisible(e, r) })
}

// resultVisible reports whether a call that is pending at e may read or change r. One that
// a panic in a newer call may run as well counts in full, whatever is left of it at e.
func (rs *results) resultVisible(e *Exit, r Result) bool {
	vs := &values{rs.draft, e}
	silent := func(l *ast.FuncLit) bool {
		s := rs.deferring(l)
		return vs.silent(l, r.Var) && (s.Unwinds == nil || e.remains[s] == nil || !rs.newerMayPanic(e, s))
	}
	return r.Name != "" && r.Name != "_" && !r.fresh && rs.Unit.Vars.Visible(r.Var, silent)
}

// newerMayPanic reports whether a call may panic that runs at e before that of s.
func (rs *results) newerMayPanic(e *Exit, s *Site) bool {
	return slices.ContainsFunc(rs.Sites, func(newer *Site) bool {
		return e.Runs.Has(newer.Index) && newer.Order > s.Order && !rs.neverPanics(newer)
	})
}

// nameResults gives a name to each result that has none or is blank.
func (rs *results) nameResults() {
	var said *Names
	for i := range rs.Results {
		r := &rs.Results[i]
		if r.Name != "" && r.Name != "_" {
			continue
		}
		if said == nil {
			said = rs.Names.inside(rs.Node)
		}
		r.Name = rs.Names.Local(func(name string) bool { return !said.used[name] }, rs.resultHints(i)...)
		r.Renamed, r.fresh = true, true
		said.used[r.Name] = true
	}
}

// resultHints returns names for the i-th result, the best first: its own, "err",
// "ok", or one after its type.
func (rs *results) resultHints(i int) []string {
	r := rs.Results[i]
	switch {
	case r.Name != "" && r.Name != "_":
		return []string{r.Name}
	case isError(r.Var.Type()):
		return []string{"err", "retErr"}
	case types.Identical(r.Var.Type(), types.Typ[types.Bool]) && i > 0:
		return []string{"ok"}
	}
	return []string{typeHint(r.Var.Type()), "result"}
}

// resultsReachable reports whether each result has a name that means it at ret.
func (rs *results) resultsReachable(ret *ast.ReturnStmt) bool {
	for _, r := range rs.Results {
		if r.Name == "" || r.Name == "_" || !r.Renamed && !rs.visible(r.Var, r.Name, nil, ret.Pos()) {
			return false
		}
	}
	return true
}

// unhide renames each variable that hides a result at ret.
func (rs *results) unhide(ret *ast.ReturnStmt) {
	innermost := rs.fn.Innermost(ret.Pos())
	for _, r := range rs.Results {
		if r.Renamed || r.Name == "" || r.Name == "_" {
			continue
		}
		for s := innermost; s != nil && s != rs.fn; s = s.Parent() {
			obj := s.Lookup(r.Name)
			if obj == nil || obj.Pos() > ret.Pos() || rs.Renames[obj] != "" {
				continue
			}
			rs.Renames[obj] = rs.Names.Fresh(r.Name)
		}
	}
}
