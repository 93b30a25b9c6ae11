package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
)

// A Loss is a place where -unwind=none changes what the program does.
type Loss struct {
	Pos  token.Pos
	What string
}

// goexits are the functions that end the goroutine, or the test, by Goexit.
var goexits = map[string]bool{
	"runtime.Goexit":            true,
	"(*testing.common).FailNow": true, "(*testing.common).Fatal": true, "(*testing.common).Fatalf": true,
	"(*testing.common).SkipNow": true, "(*testing.common).Skip": true, "(*testing.common).Skipf": true,
}

// losses finds the calls of recover that can no longer fire, and those of
// Goexit that leave calls pending.
func (f *Func) losses() (list []Loss) {
	if f.opts.Native {
		return nil
	}
	for _, s := range f.Sites {
		for _, call := range s.Callee.Recover {
			list = append(list, Loss{call.Pos(), "this recover can no longer fire"})
		}
		if s.Recovers.How == analyse.Maybe && s.Recovers.Calls {
			list = append(list, Loss{s.Stmt.Pos(), s.Callee.Func.Name() + " calls recover, which can no longer fire"})
		}
		if s.Callee.Builtin == "recover" {
			list = append(list, Loss{s.Stmt.Pos(), "this recover can no longer fire"})
		}
	}
	first := f.Sites[0]
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || first.Cycle < 0 && call.End() <= first.Stmt.Pos() {
			return true
		}
		var id *ast.Ident
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			id = fun
		case *ast.SelectorExpr:
			id = fun.Sel
		}
		if fn, ok := f.info.Uses[id].(*types.Func); ok && goexits[fn.FullName()] {
			list = append(list, Loss{call.Pos(), fn.Name() + " no longer runs the calls that are pending"})
		}
		return true
	})
	return list
}
