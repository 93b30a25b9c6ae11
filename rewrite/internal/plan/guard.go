package plan

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// A Guard is the one native deferred function that a frame keeps, for
// -unwind=native.
type Guard struct {
	Shape Shape
	Land  bool   // an entry may recover: the guard takes the panic over
	Param string // name of the *Panic in the step function
	Why   Reasons
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
		f.Guard.because(OnlyPanics)
	case s.Recovers.Calls:
		f.Guard.Shape = Itself
		f.Guard.because(MustRecover, s.Callee.Func.Name())
	case len(f.Exits) <= openCoded:
		f.Guard.Shape = Itself
		f.Guard.because(Alone)
	case s.Callee.Lit != nil && s.Callee.Sig.Results().Len() == 0 && f.falseIn(s.Callee.Lit):
		f.Guard.Shape = Literal
		f.Guard.because(LiteralAsks)
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
	switch {
	case f.Unit.NoSplit:
		f.Kept = because(NoSplit)
	case f.Unit.NoCheckPtr:
		f.Kept = because(NoCheckPtr)
	default:
		f.Kept = f.rereads()
	}
	if f.Kept != nil {
		return
	}
	if f.frame.Obstacle == nil {
		f.Proof = f.proof()
		return
	}
	if f.Kept = f.keeps(); f.Kept != nil {
		return
	}
	f.Guard = &Guard{Why: obstacle(f.frame.Obstacle)}
	if live == 1 && f.FirstSite() != nil && f.alone(f.FirstSite()) {
		return
	}
	for _, s := range f.Sites {
		if s.Dead {
			continue
		}
		switch s.Recovers.How {
		case analysis.Inside:
			f.Guard.land(f.becauseAt(s.Stmt.Pos(), Recovers))
		case analysis.Maybe:
			f.Guard.land(f.becauseAt(s.Stmt.Pos(), Unseen, s.Recovers.Why))
		}
	}
}

// keeps reports why the frame's defer statements have to stay.
// Once an entry has recovered the frame's own panic, a recover that is itself
// deferred behaves as if the frame called it: it stops the panic that called
// the frame. Neither a guard nor its entries can do that.
func (f *Func) keeps() Reasons {
	for _, r := range f.Sites {
		if r.Dead || r.Callee.Builtin != "recover" {
			continue
		}
		for _, s := range f.Sites {
			later := s.Order > r.Order || s.Cycle >= 0 && s.Cycle == r.Cycle
			if later && !s.Dead && s.Recovers.How != analysis.Never {
				return f.becauseAt(r.Stmt.Pos(), DefersItself, f.line(s.Stmt.Pos()))
			}
		}
	}
	return nil
}

func (g *Guard) land(why Reasons) {
	if !g.Land {
		g.Land = true
		g.Why = append(g.Why, why...)
	}
}

// because adds a reason.
func (g *Guard) because(k Kind, args ...any) { g.Why = append(g.Why, because(k, args...)...) }

// obstacle says what may panic, and which calls lead there.
func obstacle(o *facts.Obstacle) Reasons {
	r := Reason{Kind: MayPanic, Pos: o.Pos.Position(), Args: []string{o.What}}
	for in := o.Inside; in != nil; in = in.Inside {
		r.Calls = append(r.Calls, Reason{Kind: MayPanic, Pos: in.Pos.Position(), Args: []string{in.What}})
	}
	return Reasons{r}
}

// proof says why nothing may panic, and names the functions that were looked
// through for it.
func (f *Func) proof() Reasons {
	why := because(Total)
	names := f.frame.Calls
	if len(names) == 0 {
		return why
	}
	const room = 6
	if more := len(names) - room; more > 0 {
		names = append(names[:room:room], fmt.Sprintf("%d others", more))
	}
	return append(why, because(TotalCalls, strings.Join(names, ", "))...)
}
