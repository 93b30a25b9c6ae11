package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// stdGoexits are the functions of the standard library that end the goroutine, or the
// test, by Goexit. Its source is not looked at for them: there are few, and most of
// them only call another one.
var stdGoexits = map[string]bool{
	"runtime.Goexit":            true,
	"(*testing.common).FailNow": true, "(*testing.common).Fatal": true, "(*testing.common).Fatalf": true,
	"(*testing.common).SkipNow": true, "(*testing.common).Skip": true, "(*testing.common).Skipf": true,
	"(testing.TB).FailNow": true, "(testing.TB).Fatal": true, "(testing.TB).Fatalf": true,
	"(testing.TB).SkipNow": true, "(testing.TB).Skip": true, "(testing.TB).Skipf": true,
}

// goexits reports whether fn is known to call Goexit.
func goexits(d *draft, fn *types.Func) bool {
	if stdGoexits[fn.FullName()] {
		return true
	}
	if fn.Pkg() == nil || facts.InGOROOT(d.position(fn.Pos()).Filename) {
		return false
	}
	known, _ := d.opts.Facts.Get(fn.Origin())
	return known.Goexit != (facts.Position{})
}

// losses lists what the function no longer does with -unwind=none: to recover, and to
// run what is pending at a Goexit.
func losses(d *draft) (list []Loss) {
	if d.opts.Native {
		return nil
	}
	recovers, does := false, false
	for _, s := range d.Sites {
		if s.Dead {
			continue
		}
		named := s.Recovers.How == analysis.Maybe && s.Recovers.Calls
		if named {
			list = append(list, loss(d.Func, s.Stmt.Pos(), CalleeIdle, s.Callee.Func.Name()))
		}
		switch {
		case named, s.Recovers.How == analysis.Inside && onlyRecovers(d.info, s.Callee):
			recovers = true
		case s.Callee.Builtin != "recover": // which stops no panic of this frame
			does = true
		}
	}
	if recovers && !does {
		list = append(list, loss(d.Func, d.Node.Pos(), CannotRecover))
	}
	return append(list, goexitLosses(d)...)
}

func loss(f *Func, pos token.Pos, k Kind, args ...any) Loss {
	return Loss{pos, f.becauseAt(pos, k, args...)[0]}
}

// goexitLosses lists the calls that end the goroutine where others may be pending:
// those in the body behind the first site, and those in literals that are deferred
// behind it.
func goexitLosses(d *draft) (list []Loss) {
	find := func(n ast.Node, from token.Pos) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.GoStmt:
				return false
			case *ast.CallExpr:
				if fn, ok := typeutil.Callee(d.info, n).(*types.Func); ok && n.End() > from && goexits(d, fn) {
					list = append(list, loss(d.Func, n.Pos(), GoexitSkips, fn.Name()))
				}
			}
			return true
		})
	}
	live := slices.IndexFunc(d.Sites, func(s *Site) bool { return !s.Dead && !s.Idle })
	if live < 0 {
		return nil
	}
	find(d.Body, pendingFrom(d.Func, d.Sites[live]))
	for _, s := range d.Sites[live:] {
		if s.Callee.Lit != nil && !s.Idle && (!s.Before.May.Empty() || s.Cycle >= 0) {
			find(s.Callee.Lit.Body, token.NoPos)
		}
	}
	return list
}

// pendingFrom returns the first position at which an entry of the first site
// may be pending.
func pendingFrom(f *Func, first *Site) token.Pos {
	switch {
	case f.HasGoto:
		return token.NoPos
	case first.Cycle >= 0 && len(first.Loops) > 0:
		return first.Loops[0].Stmt.Pos()
	}
	return first.Stmt.End()
}
