package analysis

import (
	"go/ast"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// Recovers says whether a deferred call may stop a panic.
type Recovers struct {
	How   Recovery
	Why   string // for Maybe: the reason
	Calls bool   // for Maybe: the callee is seen to call recover
	Blind bool   // the callee does not look at what called it
}

// A Recovery is a way in which a deferred call may stop a panic.
type Recovery int

const (
	Never  Recovery = iota // the callee does not call recover itself
	Inside                 // a literal that calls recover
	Maybe                  // the callee calls recover, or cannot be seen
)

// recovers says whether a deferred call of c may stop a panic. known has the facts of
// declared functions, also of those of the package.
func (u *Unit) recovers(c *Callee, known facts.Store) Recovers {
	switch c.Kind {
	case Literal:
		if len(c.Recover) > 0 {
			return Recovers{How: Inside}
		}
		return Recovers{Blind: !u.looksUp(c.Lit)}
	case Builtin, CFunction:
		return Recovers{Blind: c.Builtin != "recover"}
	case Interface:
		return Recovers{How: Maybe, Why: "an interface method may call recover"}
	case Value:
		return u.valueRecovers(c.Fun, known, 0)
	}
	if recv := c.Func.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return Recovers{How: Maybe, Why: "an interface method may call recover"}
	}
	f, ok := known.Get(c.Func.Origin())
	switch {
	case !ok:
		return Recovers{How: Maybe, Why: "the source of " + c.Func.Name() + " was not found"}
	case f.Recovers:
		return Recovers{How: Maybe, Why: c.Func.Name() + " calls recover", Calls: true}
	}
	return Recovers{Blind: facts.InGOROOT(f.File) && !looksAtCallers[c.Func.Pkg().Path()]}
}

// looksAtCallers are the packages of the standard library whose functions ask who
// called them.
var looksAtCallers = map[string]bool{
	"log": true, "log/slog": true, "runtime": true, "runtime/debug": true, "runtime/pprof": true, "runtime/trace": true, "testing": true,
}

// looksUp reports whether a call in lit may ask who called lit.
func (u *Unit) looksUp(lit *ast.FuncLit) (found bool) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			fn, ok := u.Pkg.Info.Uses[id].(*types.Func)
			found = found || ok && fn.Pkg() != nil && looksAtCallers[fn.Pkg().Path()]
		}
		return !found
	})
	return found
}
