package plan

import (
	"go/ast"
	"slices"
)

// ways finds the places of guards.
type ways struct {
	*Func
	to map[*Site][]step // to the statement of a site; see wayTo
}

// A step is an element on the way from a function's body to a statement in it.
type step struct {
	list   []ast.Stmt
	stmt   ast.Stmt // of list
	inLoop bool     // list is in a loop
}

// wayTo returns the lists of statements that s is in, the outermost first.
func (w *ways) wayTo(s *Site) []step {
	if w.to[s] == nil {
		w.to[s] = w.findWay(s)
	}
	return w.to[s]
}

// findWay is wayTo without what is remembered.
func (w *ways) findWay(s *Site) (steps []step) {
	inLoop := false
	at := s.Stmt.Pos()
	var down func(list []ast.Stmt)
	down = func(list []ast.Stmt) {
		i := slices.IndexFunc(list, func(st ast.Stmt) bool { return st.Pos() <= at && at < st.End() })
		switch list[i].(type) {
		case *ast.CaseClause, *ast.CommClause: // nothing goes between these
		default:
			steps = append(steps, step{list, list[i], inLoop})
		}
		ast.Inspect(list[i], func(n ast.Node) bool {
			if n == nil || at < n.Pos() || n.End() <= at {
				return false
			}
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				inLoop = true
			case *ast.BlockStmt:
				down(n.List)
				return false
			case *ast.CaseClause:
				down(n.Body)
				return false
			case *ast.CommClause:
				down(n.Body)
				return false
			}
			return true
		})
	}
	down(w.Body.List)
	return steps
}

// place returns the statement before which a guard for sites goes, or nil: every way
// to one of them passes it, once only, and behind the older defer statements that
// stay.
func (w *ways) place(sites []*Site) ast.Stmt {
	if w.HasGoto {
		return w.Body.List[0]
	}
	ways := make([][]step, len(sites))
	for i, s := range sites {
		ways[i] = w.wayTo(s)
	}
	common := 0 // how many lists all sites are in
	for ; common < len(ways[0]); common++ {
		list := ways[0][common].list
		same := true
		for _, w := range ways {
			same = same && common < len(w) && &w[common].list[0] == &list[0]
		}
		if !same {
			break
		}
	}
	level := common - 1
	for level > 0 && ways[0][level].inLoop {
		level--
	}
	first := ways[0][level].stmt
	for _, w := range ways {
		if w[level].stmt.Pos() < first.Pos() {
			first = w[level].stmt
		}
	}
	switch {
	case w.behindOlder(sites, first):
		return first
	case len(sites) == 1 && sites[0].Cycle < 0 && !sites[0].inRangeFunc():
		return sites[0].Stmt
	}
	return nil
}

// behindOlder reports whether a guard that stands before at is registered later than
// each defer statement that stays and may be pending at one of sites.
func (w *ways) behindOlder(sites []*Site, at ast.Stmt) bool {
	for _, older := range w.Sites {
		if older.Stays == nil && !older.Own {
			continue
		}
		for _, s := range sites {
			if s.Before.May.Has(older.Index) && older.Stmt.Pos() >= at.Pos() {
				return false
			}
		}
	}
	return true
}
