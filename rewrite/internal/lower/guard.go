package lower

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// guards writes the native deferred functions that run pending entries when a panic
// or Goexit comes: "The guard" in ../../doc.go.
type guards struct {
	*calls
	mask mask
}

// guard writes a native deferred function that runs the pending entries of a site, or of a segment
// while the panic stays in progress:
//
//	defer func() {
//		if active != 0 {
//			dedefer.Run(func() bool { ...the newest entry... })
//		}
//	}()
//
// With one entry there is no chain to go on with when that entry panics, and nobody
// asks again:
//
//	defer func() {
//		if active {
//			mu.Unlock()
//		}
//	}()
func (gs *guards) guard(t *template, g *plan.Guard) {
	defer t.as(t.as(Origin{Guard: g}))
	t.add("%s\ndefer func() {", analysis.GuardMark)
	switch only := g.Links[0].Site; {
	case len(g.Links) == 1 && only != nil:
		gs.onlyCall(t, g, only)
	case g.Links[len(g.Links)-1].Site != nil && g.Links[len(g.Links)-1].Site.With != nil:
		gs.together(t, g)
	default:
		t.add("if %s {\n%s(func() %s {", gs.anything(g), gs.runtime("Run"), gs.Words.Bool)
		gs.step(t, g)
		t.add("})\n}")
	}
	t.add("}()")
}

// onlyCall writes what a guard of one entry does.
func (gs *guards) onlyCall(t *template, g *plan.Guard, s *plan.Site) {
	if s.Call.Inline {
		if body := gs.inlined(s, nil); alsoAsks(body, gs.anything(g)) {
			t.site(s)
			t.add("%s", t.stmts(body))
			return
		}
	}
	t.add("if %s {", gs.anything(g))
	guard := t.site(s)
	t.add("%s", gs.callStmt(t, s, nil, gs.plain(s)))
	t.as(guard)
	t.add("}")
}

// together writes what a guard does whose entries are pending at the same time.
func (gs *guards) together(t *template, g *plan.Guard) {
	t.add("if %s {", gs.anything(g))
	for _, l := range g.Links {
		guard := t.site(l.Site)
		t.add("%s", gs.callStmt(t, l.Site, nil, gs.plain(l.Site)))
		t.as(guard)
	}
	t.add("}")
}

// alsoAsks lets the body of a literal, where that is a test, ask first whether the literal is
// pending, and reports whether it is one:
//
//	if active && err != nil {
func alsoAsks(body []dst.Stmt, pending string) bool {
	if len(body) != 1 {
		return false
	}
	only, ok := body[0].(*dst.IfStmt)
	if !ok || only.Init != nil || only.Else != nil {
		return false
	}
	if b, ok := only.Cond.(*dst.BinaryExpr); ok && b.Op == token.LOR {
		only.Cond = &dst.ParenExpr{X: only.Cond}
	}
	only.Cond = &dst.BinaryExpr{X: statement("_ = %s", pending)[0].(*dst.AssignStmt).Rhs[0], Op: token.LAND, Y: only.Cond}
	return true
}

// ownGuard defers a literal that is its own guard. Go itself calls it when a panic
// comes, so that recover in it works as ever.
func (gs *guards) ownGuard(t *template, s *plan.Site) {
	defer t.as(t.as(Origin{Site: s, Own: true}))
	t.add("%s\ndefer %s", analysis.GuardMark, t.call(gs.plain(s)))
}

// ask lets the literal of s, which is its own guard, begin with the question whether
// it is pending:
//
//	onExit := func() {
//		if !active {
//			return
//		}
//		active = false
//		...
//	}
//	defer onExit()
//
// Where only some paths lead to it, the variable that holds the literal itself is nil
// where it is not pending.
func (gs *guards) ask(s *plan.Site) {
	var t template
	t.add("if %s {\nreturn\n}", gs.mask.testNot(s))
	gs.mask.clearForGuard(&t, s)
	lit := gs.nodes[s.Callee.Lit].(*dst.FuncLit)
	lit.Body.List = append(gs.created(gs.parse(&t, Origin{Site: s, Own: true}), s.Stmt.Pos()), lit.Body.List...)
}

// guardsAt lists the guards that stand before the statement s, or at s, if that is a
// site.
func (gs *guards) guardsAt(s ast.Stmt) (list []*plan.Guard) {
	for _, g := range gs.Guards {
		if g.Before == s {
			list = append(list, g)
		}
	}
	return list
}

// anything returns the condition that an entry of g is pending: "active != 0 ||
// len(fs) > 0".
func (gs *guards) anything(g *plan.Guard) string {
	var conds []string
	if gs.Mask != nil {
		for i, name := range gs.Mask.Names {
			conds = append(conds, gs.mask.anyBit(g, i, name)...)
		}
	}
	for _, l := range g.Links {
		if l.Records != nil {
			conds = append(conds, gs.store(l.Records).pending())
		}
	}
	return strings.Join(conds, " || ")
}

// step writes the body of the function that dedefer.Run calls again and again: it
// runs the newest pending entry, and reports whether there was one.
func (gs *guards) step(t *template, g *plan.Guard) {
	if len(g.Links) == 1 {
		gs.onlyStep(t, g.Links[0])
		return
	}
	t.add("switch {")
	falls := false // control reaches the statement behind the switch
	for _, l := range g.Links {
		if l.Records != nil {
			t.add("case %s:", gs.store(l.Records).pending())
		} else {
			guard := t.as(Origin{Guard: g, Site: l.Site})
			t.add("case %s:", gs.mask.test(l.Site))
			t.as(guard)
		}
		falls = gs.stepEntry(t, l) || falls
	}
	t.add("default:\nreturn %s\n}", gs.Words.False)
	if falls {
		t.add("return %s", gs.Words.True)
	}
}

// onlyStep is step for a guard of one cycle.
func (gs *guards) onlyStep(t *template, l plan.Link) {
	t.add("if %s {\nreturn %s\n}", gs.store(l.Records).empty(), gs.Words.False)
	if gs.stepEntry(t, l) {
		t.add("return %s", gs.Words.True)
	}
}

// stepEntry runs the newest entry of l, and reports whether control goes on behind
// that.
func (gs *guards) stepEntry(t *template, l plan.Link) (falls bool) {
	if l.Records != nil {
		gs.store(l.Records).pop(t, true)
		sites := l.Records.Sites
		return len(sites) > 1 || sites[0].Callee.Builtin != "panic"
	}
	s := l.Site
	gs.mask.clearForGuard(t, s)
	if s.Callee.Builtin == "recover" { // does nothing here: see plan's keeps
		return true
	}
	t.add("%s", gs.callStmt(t, s, nil, gs.plain(s)))
	return s.Callee.Builtin != "panic"
}
