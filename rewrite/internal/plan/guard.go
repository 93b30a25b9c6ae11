package plan

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Guard is the one native deferred function that a frame keeps, for
// -unwind=native.
type Guard struct {
	Shape  Shape
	Land   bool   // an entry may recover: the guard takes the panic over
	Param  string // name of the *Panic in the step function
	Reason string
}

// The Shape of a guard.
type Shape int

const (
	Closure Shape = iota // a literal that runs the chain
	Literal              // the only deferred literal itself, which asks whether it is pending
	Itself               // the only deferred call, as it stands
)

// openCoded is the number of exits up to which gc open-codes a defer
// statement (cmd/compile/internal/ssagen).
const openCoded = 15

// alone finds a shape for the guard of a function whose only site is s. Where
// a panic can call the deferred function itself, recover and the stack are
// Go's own, and nothing has to be raised again. As long as gc open-codes it, it
// may as well run at the exits: then gc's code is that of a guard and a call at
// each exit together, and less (../../../docs/performance.md).
func (f *Func) alone(s *Site) bool {
	atExit := slices.ContainsFunc(f.Exits, func(e *Exit) bool { return e.Active.May.Has(s.Index) })
	switch {
	case !atExit:
		f.Guard.Shape = Itself
		f.Guard.Reason += "; it is the deferred call itself, which only a panic or Goexit can run"
	case s.Recovers.Calls:
		f.Guard.Shape = Itself
		f.Guard.Reason += "; it is the deferred call itself: " + s.Callee.Func.Name() + " recovers, so a panic has to call it"
	case len(f.Exits) <= openCoded:
		f.Guard.Shape = Itself
		f.Guard.Reason += "; it is the deferred call itself: alone in its function, that costs less than a guard and a call at each exit"
	case s.Callee.Lit != nil && s.Callee.Sig.Results().Len() == 0 && f.falseIn(s.Callee.Lit):
		f.Guard.Shape = Literal
		f.Guard.Reason += "; it is the deferred literal itself"
	default:
		return false
	}
	return true
}

// falseIn reports whether false is the predeclared one in the body of lit.
func (f *Func) falseIn(lit *ast.FuncLit) bool {
	return f.visible(types.Universe.Lookup("false"), "false", f.info.Scopes[lit.Type], lit.Body.Pos())
}

// decideGuard keeps a guard where a panic or Goexit may find entries pending.
func (f *Func) decideGuard() {
	live, idle := 0, 0
	for _, s := range f.Sites {
		switch {
		case s.Dead:
		case s.Callee.Builtin == "recover":
			// It never stops a panic of the frame that it was deferred in.
			live++
			idle++
		default:
			live++
		}
	}
	if !f.opts.Native || live == idle {
		return
	}
	if !f.frame.Unwind {
		f.Proof = f.frame.Why
		return
	}
	if f.Kept = f.keeps(); f.Kept != "" {
		return
	}
	f.Guard = &Guard{Reason: f.frame.Why}
	if live == 1 && f.FirstSite() != nil && f.alone(f.FirstSite()) {
		return
	}
	for _, s := range f.Sites {
		if s.Dead {
			continue
		}
		switch s.Recovers.How {
		case analysis.Inside:
			f.Guard.land(fmt.Sprintf("the deferred literal at line %d recovers", f.line(s.Stmt.Pos())))
		case analysis.Maybe:
			f.Guard.land(fmt.Sprintf("of the call at line %d, %s", f.line(s.Stmt.Pos()), s.Recovers.Why))
		}
	}
}

// keeps reports, in words, that the frame's defer statements have to stay.
// Once an entry has recovered the frame's own panic, a recover that is itself
// deferred behaves as if the frame called it: it stops the panic that called
// the frame. Neither a guard nor its entries can do that.
func (f *Func) keeps() string {
	for _, r := range f.Sites {
		if r.Dead || r.Callee.Builtin != "recover" {
			continue
		}
		for _, s := range f.Sites {
			later := s.Order > r.Order || s.Cycle >= 0 && s.Cycle == r.Cycle
			if later && !s.Dead && s.Recovers.How != analysis.Never {
				return fmt.Sprintf("line %d defers recover itself, and an entry that runs before it may recover (line %d): only this frame's own recover can then stop the panic that called it",
					f.line(r.Stmt.Pos()), f.line(s.Stmt.Pos()))
			}
		}
	}
	return ""
}

func (g *Guard) land(why string) {
	if !g.Land {
		g.Land = true
		g.Reason += "; it takes the panic over: " + why
	}
}
