package lower

import (
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// results writes what happens to the operands of a return statement before the
// chain: "Results" in ../../doc.go.
type results struct{ *tree }

// setResults writes what happens to the operands of ret before the chain, and leaves
// in ret what is returned behind it. block says that the statements need a block of
// their own.
func (rs *results) setResults(t *template, ret *dst.ReturnStmt, e *plan.Exit) (block bool) {
	if e.Set == nil {
		return false
	}
	switch e.Set.How {
	case plan.Assign:
		rs.assignResults(t, e.Set)
		if e.Set.Bare {
			ret.Results = nil
		}
	case plan.Store:
		rs.storeResults(t, ret, e.Set)
		block = e.Set.Block
	}
	rs.dropResults(t, ret, e.Set)
	return block
}

// assignResults sets the results: "n, err = f()".
func (rs *results) assignResults(t *template, set *plan.Set) {
	if len(set.Pairs) == 0 {
		return
	}
	var names, values []string
	for _, p := range set.Pairs {
		if p.Result >= 0 {
			names = append(names, rs.Results[p.Result].Name)
		}
		values = append(values, t.expr(rs.expr(p.Value)))
	}
	if set.Pairs[0].Result < 0 {
		for _, r := range rs.Results {
			names = append(names, r.Name)
		}
	}
	t.add("%s = %s", strings.Join(names, ", "), strings.Join(values, ", "))
}

// storeResults saves the operands: "result := f()".
func (rs *results) storeResults(t *template, ret *dst.ReturnStmt, set *plan.Set) {
	var names, values []string
	if len(ret.Results) != len(set.Temps) {
		names = set.Temps
		values = append(values, t.expr(ret.Results[0]))
		ret.Results = nil
		for _, name := range set.Temps {
			ret.Results = append(ret.Results, dst.NewIdent(name))
		}
	} else {
		for i, name := range set.Temps {
			if name != "" {
				names = append(names, name)
				values = append(values, t.expr(ret.Results[i]))
				ret.Results[i] = dst.NewIdent(name)
			}
		}
	}
	op := ":="
	if set.Reuse {
		op = "="
	}
	t.add("%s %s %s", strings.Join(names, ", "), op, strings.Join(values, ", "))
}

// dropResults evaluates the operands of a return statement that goes: "_ = f()".
func (rs *results) dropResults(t *template, ret *dst.ReturnStmt, set *plan.Set) {
	var values []string
	n := 0
	for _, x := range set.Dropped {
		values = append(values, t.expr(rs.expr(x)))
		n++
		if isTuple(rs.Unit.Pkg.Info, x) {
			n = tupleLen(rs.Unit.Pkg.Info, x)
		}
	}
	if n > 0 {
		t.add("%s = %s", blanks(n), strings.Join(values, ", "))
	}
}
