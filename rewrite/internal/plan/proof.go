package plan

import (
	"fmt"
	"go/ast"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/nopanic"
)

// proofs are what package nopanic knows of a function: "The guard" in
// ../../doc.go.
type proofs struct {
	frame *nopanic.Frame
	calm  map[*Site]bool // see neverPanics
}

// notNil reports whether the variable x cannot be nil at s.
func (p *proofs) notNil(x ast.Expr, s *Site) bool { return p.frame.NotNil(x, s.Stmt) }

// within reports whether the variable index is in range for the array or slice x,
// a variable too, at s.
func (p *proofs) within(index, x ast.Expr, s *Site) bool { return p.frame.Within(index, x, s.Stmt) }

// neverPanics reports whether neither a panic nor a Goexit comes out of the call
// of s.
func (p *proofs) neverPanics(s *Site) bool {
	calm, asked := p.calm[s]
	if !asked {
		calm = p.callIsCalm(s)
		p.calm[s] = calm
	}
	return calm
}

func (p *proofs) callIsCalm(s *Site) bool {
	return s.Callee.Builtin == "recover" || s.Silent || p.frame.Calm(s.Stmt)
}

// proof says that nothing may panic, and through which functions the proof went.
func (p *proofs) proof() Reasons {
	why := because(Total)
	names := p.frame.Calls
	if len(names) == 0 {
		return why
	}
	const room = 6
	if more := len(names) - room; more > 0 {
		names = append(names[:room:room], fmt.Sprintf("%d others", more))
	}
	return append(why, because(TotalCalls, strings.Join(names, ", "))...)
}

// obstacle says what may panic, and through which calls; nil where nothing does.
func obstacle(o *facts.Obstacle) Reasons {
	if o == nil {
		return nil
	}
	r := Reason{Kind: MayPanic, Pos: o.Pos.Position(), Args: []string{o.What}}
	for in := o.Inside; in != nil; in = in.Inside {
		r.Calls = append(r.Calls, Reason{Kind: MayPanic, Pos: in.Pos.Position(), Args: []string{in.What}})
	}
	return Reasons{r}
}
