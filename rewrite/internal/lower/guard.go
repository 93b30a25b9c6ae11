package lower

import (
	"fmt"
	"go/ast"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// guard writes a native deferred function that runs the pending entries of a
// segment while the panic stays in progress:
//
//	defer func() {
//		if active != 0 {
//			dedefer.Run(func() bool { ...the newest entry... })
//		}
//	}()
//
// With one entry there is no chain to go on with when that entry panics, and
// nobody asks again:
//
//	defer func() {
//		if active {
//			mu.Unlock()
//		}
//	}()
func (f *function) guard(t *template, g *plan.Guard) {
	defer t.as(t.as(Origin{Guard: g}))
	t.add("%s\ndefer func() {\nif %s {", analysis.GuardMark, f.anything(g))
	if len(g.Links) == 1 && g.Links[0].Site != nil {
		only := g.Links[0].Site
		guard := t.as(Origin{Guard: g, Site: only})
		t.add("%s", f.callStmt(t, only, nil, f.plainCall(only)))
		t.as(guard)
	} else {
		t.add("%s(func() %s {", f.runtime("Run"), f.Words.Bool)
		f.step(t, g)
		t.add("})")
	}
	t.add("}\n}()")
}

// ownGuard defers a literal that is its own guard: Go itself calls it when a
// panic comes, so that recover in it works as ever.
func (f *function) ownGuard(t *template, s *plan.Site) {
	defer t.as(t.as(Origin{Guard: s.Guard, Site: s}))
	t.add("%s\ndefer %s", analysis.GuardMark, t.call(f.plainCall(s)))
}

// ask has the literal of s, which is its own guard, begin with the test:
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
// Where only some paths lead to it, the variable that holds the literal itself is
// nil where it is not pending.
func (f *function) ask(s *plan.Site) {
	var t template
	switch {
	case s.ByFunc:
		t.add("if %s == nil {\nreturn\n}", s.Call.FuncName())
	case f.Mask.Bool:
		t.add("if !%s {\nreturn\n}", f.maskName(s))
	default:
		t.add("if %s&%s == 0 {\nreturn\n}", f.maskName(s), paren(f.bit(s)))
	}
	f.clearForGuard(&t, s)
	lit := f.nodes[s.Callee.Lit].(*dst.FuncLit)
	lit.Body.List = append(f.created(f.parse(&t, Origin{Site: s, Guard: s.Guard}), s.Stmt.Pos()), lit.Body.List...)
}

// guardsAt lists the guards that stand before s, or at the site that it is.
func (f *function) guardsAt(s ast.Stmt) (list []*plan.Guard) {
	for _, g := range f.Guards {
		if g.Before == s {
			list = append(list, g)
		}
	}
	return list
}

// anything writes the condition that some entry of a guard is pending.
func (f *function) anything(g *plan.Guard) string {
	var conds []string
	if f.Mask != nil {
		for i, name := range f.Mask.Names {
			conds = append(conds, f.anyBit(g, i, name)...)
		}
	}
	for _, l := range g.Links {
		if l.Records != nil {
			conds = append(conds, f.store(l.Records).pending())
		}
	}
	return strings.Join(conds, " || ")
}

// anyBit writes the condition that one of g's bits is set in the variable with
// this index and name, if it has any.
func (f *function) anyBit(g *plan.Guard, index int, name string) []string {
	var bits uint64
	others := false
	for _, s := range f.Sites {
		switch {
		case s.Bit < 0 || s.Bit/f.Mask.Word != index:
		case s.Guard == g:
			bits |= 1 << (s.Bit % f.Mask.Word)
		default:
			others = true
		}
	}
	switch {
	case bits == 0:
		return nil
	case f.Mask.Bool:
		return []string{name}
	case !others:
		return []string{name + " != 0"}
	case f.Mask.Bits > 8:
		return []string{fmt.Sprintf("%s&%#x != 0", name, bits)}
	}
	return []string{fmt.Sprintf("%s&%d != 0", name, bits)}
}

func (f *function) clearForGuard(t *template, s *plan.Site) {
	switch {
	case s.ByFunc:
		t.add("%s = nil", s.Call.FuncName())
	case f.Mask.Bool:
		t.add("%s = %s", f.maskName(s), f.Words.False)
	case f.Mask.Bits == 1:
		t.add("%s = 0", f.maskName(s))
	default:
		t.add("%s &^= %s", f.maskName(s), f.bit(s))
	}
}

// step writes the body of the function that runs the newest pending entry and
// reports whether there was one.
func (f *function) step(t *template, g *plan.Guard) {
	if len(g.Links) == 1 {
		f.onlyStep(t, g.Links[0])
		return
	}
	t.add("switch {")
	falls := false // control reaches the statement behind the switch
	for _, l := range g.Links {
		if l.Records != nil {
			t.add("case %s:", f.store(l.Records).pending())
		} else {
			guard := t.as(Origin{Guard: g, Site: l.Site})
			t.add("case %s:", f.test(l.Site))
			t.as(guard)
		}
		falls = f.stepEntry(t, l) || falls
	}
	t.add("default:\nreturn %s\n}", f.Words.False)
	if falls {
		t.add("return %s", f.Words.True)
	}
}

// onlyStep is step for a chain of one link, which is a cycle's.
func (f *function) onlyStep(t *template, l plan.Link) {
	t.add("if %s {\nreturn %s\n}", f.store(l.Records).empty(), f.Words.False)
	if f.stepEntry(t, l) {
		t.add("return %s", f.Words.True)
	}
}

// stepEntry runs the newest entry of a link, and reports whether control
// reaches what follows.
func (f *function) stepEntry(t *template, l plan.Link) (falls bool) {
	if l.Records != nil {
		f.store(l.Records).pop(t, true)
		sites := l.Records.Sites
		return len(sites) > 1 || sites[0].Callee.Builtin != "panic"
	}
	s := l.Site
	f.clearForGuard(t, s)
	if s.Callee.Builtin == "recover" { // does nothing here: see plan's keeps
		return true
	}
	t.add("%s", f.callStmt(t, s, nil, f.plainCall(s)))
	return s.Callee.Builtin != "panic"
}
