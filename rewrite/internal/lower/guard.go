package lower

import (
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// guard writes the one native deferred function that the frame keeps.
//
// Where nothing can recover, it runs the pending entries while the panic
// stays in progress:
//
//	defer func() {
//		if active != 0 {
//			dedefer.Run(func() bool { ...the newest entry... })
//		}
//	}()
//
// With one entry there is no chain to go on with when that entry panics:
//
//	defer func() {
//		if active {
//			active = false
//			mu.Unlock()
//		}
//	}()
//
// A literal that is all there is to run can be deferred itself; it then begins
// with the test (literalGuard in site.go):
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
// Otherwise dedefer.Land(recover(), ...) takes the panic over.
func (f *function) guard(t *template) {
	if f.Guard == nil {
		return
	}
	defer t.as(t.as(Origin{Guard: f.Guard}))
	t.add("%s", analysis.GuardMark)
	if f.Guard.Shape == plan.Literal {
		t.add("defer %s", t.call(f.plainCall(f.onlySite(), "")))
		return
	}
	pending := f.anything()
	only := f.onlySite()
	switch {
	case only != nil && !f.Guard.Land:
		t.add("defer func() {\nif %s {", pending)
		guard := t.as(Origin{Guard: f.Guard, Site: only})
		f.clearForGuard(t, only)
		t.add("%s", f.callStmt(t, only, nil, f.plainCall(only, "")))
		t.as(guard)
		t.add("}\n}()")
	case !f.Guard.Land:
		t.add("defer func() {\nif %s {\n%s(func() %s {", pending, f.runtime("Run"), f.Words.Bool)
		f.step(t)
		t.add("})\n}\n}()")
	case f.Words.Recover:
		t.add("defer func() {\nif %s {\n%s(recover(), func(%s *%s) %s {", pending, f.runtime("Land"), f.Guard.Param, f.runtime("Panic"), f.Words.Bool)
		f.step(t)
		t.add("})\n}\n}()")
	default:
		t.add("defer %s(func() %s {\nreturn %s\n}, func(%s *%s) %s {", f.runtime("Guard"), f.Words.Bool, pending, f.Guard.Param, f.runtime("Panic"), f.Words.Bool)
		f.step(t)
		t.add("})")
	}
}

// onlySite returns the site of f, if there is one in all and it has a bit.
func (f *function) onlySite() *plan.Site {
	if len(f.Chain) != 1 {
		return nil
	}
	return f.Chain[0].Site
}

// anything writes the condition that some entry is pending.
func (f *function) anything() string {
	var conds []string
	if f.Mask != nil {
		for _, name := range f.Mask.Names {
			if f.Mask.Bool {
				conds = append(conds, name)
			} else {
				conds = append(conds, name+" != 0")
			}
		}
	}
	for _, l := range f.Chain {
		if l.Records != nil {
			conds = append(conds, f.store(l.Records).pending())
		}
	}
	return strings.Join(conds, " || ")
}

func (f *function) clearForGuard(t *template, s *plan.Site) {
	switch {
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
func (f *function) step(t *template) {
	if len(f.Chain) == 1 {
		f.onlyStep(t, f.Chain[0])
		return
	}
	t.add("switch {")
	falls := false // control reaches the statement behind the switch
	for _, l := range f.Chain {
		if l.Records != nil {
			t.add("case %s:", f.store(l.Records).pending())
		} else {
			guard := t.as(Origin{Guard: f.Guard, Site: l.Site})
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

// onlyStep is step for a chain of one link.
func (f *function) onlyStep(t *template, l plan.Link) {
	switch {
	case l.Records != nil:
		t.add("if %s {", f.store(l.Records).empty())
	case f.Mask.Bool:
		t.add("if !%s {", f.maskName(l.Site))
	default:
		t.add("if %s == 0 {", f.maskName(l.Site))
	}
	t.add("return %s\n}", f.Words.False)
	if f.stepEntry(t, l) {
		t.add("return %s", f.Words.True)
	}
}

// stepEntry runs the newest entry of a link, and reports whether control
// reaches what follows.
func (f *function) stepEntry(t *template, l plan.Link) (falls bool) {
	if l.Records != nil {
		f.store(l.Records).pop(t, caller{f.Guard.Param, f.Guard.Land})
		return true
	}
	s := l.Site
	defer t.as(t.as(Origin{Guard: f.Guard, Site: s}))
	f.clearForGuard(t, s)
	if s.Callee.Builtin == "recover" { // does nothing here: see plan's keeps
		return true
	}
	switch call := f.plainCall(s, f.Guard.Param); {
	case s.Recovers.How == analysis.Maybe && s.Call.Thunk == nil:
		t.add("%s", native(t, f.Guard.Param, call))
		return true
	default:
		t.add("%s", f.callStmt(t, s, nil, call))
		return s.Callee.Builtin != "panic"
	}
}
