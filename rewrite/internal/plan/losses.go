package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Loss is a place where -unwind=none changes what the program does. Calls of
// recover are losses, too, also where nothing is deferred: see
// analysis.RecoverCalls.
type Loss struct {
	Pos token.Pos
	Why Reason
}

// goexits are the functions that end the goroutine, or the test, by Goexit.
var goexits = map[string]bool{
	"runtime.Goexit":            true,
	"(*testing.common).FailNow": true, "(*testing.common).Fatal": true, "(*testing.common).Fatalf": true,
	"(*testing.common).SkipNow": true, "(*testing.common).Skip": true, "(*testing.common).Skipf": true,
	"(testing.TB).FailNow": true, "(testing.TB).Fatal": true, "(testing.TB).Fatalf": true,
	"(testing.TB).SkipNow": true, "(testing.TB).Skip": true, "(testing.TB).Skipf": true,
}

// losses finds what f no longer does: recover, and run what is pending at a
// Goexit.
func (f *Func) losses() (list []Loss) {
	if f.opts.Native {
		return nil
	}
	recovers, does := false, false
	for _, s := range f.Sites {
		if s.Dead {
			continue
		}
		named := s.Recovers.How == analysis.Maybe && s.Recovers.Calls
		if named {
			list = append(list, f.loss(s.Stmt.Pos(), CalleeIdle, s.Callee.Func.Name()))
		}
		switch {
		case named, s.Recovers.How == analysis.Inside && f.onlyRecovers(s.Callee):
			recovers = true
		case s.Callee.Builtin != "recover": // which stops no panic of this frame
			does = true
		}
	}
	if recovers && !does {
		list = append(list, f.loss(f.Node.Pos(), CannotRecover))
	}
	return append(list, f.goexitLosses()...)
}

func (f *Func) loss(pos token.Pos, k Kind, args ...any) Loss {
	return Loss{pos, f.becauseAt(pos, k, args...)[0]}
}

// goexitLosses finds the calls that end the goroutine where others may be
// pending: in the body behind the first site, and in literals that are deferred
// behind it.
func (f *Func) goexitLosses() (list []Loss) {
	find := func(n ast.Node, from token.Pos) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.GoStmt:
				return false
			case *ast.CallExpr:
				if fn, ok := typeutil.Callee(f.info, n).(*types.Func); ok && n.End() > from && goexits[fn.FullName()] {
					list = append(list, f.loss(n.Pos(), GoexitSkips, fn.Name()))
				}
			}
			return true
		})
	}
	live := slices.IndexFunc(f.Sites, func(s *Site) bool { return !s.Dead && !s.Idle })
	if live < 0 {
		return nil
	}
	find(f.Body, f.pendingFrom(f.Sites[live]))
	for _, s := range f.Sites[live:] {
		if s.Callee.Lit != nil && !s.Idle && (!s.Before.May.Empty() || s.Cycle >= 0) {
			find(s.Callee.Lit.Body, token.NoPos)
		}
	}
	return list
}

// pendingFrom returns the first position at which an entry of the first site
// may be pending.
func (f *Func) pendingFrom(first *Site) token.Pos {
	switch {
	case f.HasGoto:
		return token.NoPos
	case first.Cycle >= 0 && len(first.Loops) > 0:
		return first.Loops[0].Stmt.Pos()
	}
	return first.Stmt.End()
}
