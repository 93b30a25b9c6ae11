package lower

import (
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// firstSite lowers a site at which the variables stand: one statement may both save
// its operands and declare them.
func (ss *sites) firstSite(d *dst.DeferStmt) []dst.Stmt {
	s := ss.FirstSite()
	thunk := s.Call.Thunk
	together := s.Records == nil && !s.Strategy.Never && (thunk == nil || thunk.AtSite && !s.Own)
	for _, tmp := range s.Call.Temps {
		together = together && tmp.AtSite
	}
	if !together {
		list := ss.prologue()
		if len(list) == 0 {
			return ss.site(d, s)
		}
		return append(list, ss.site(d, s)...)
	}
	var t template
	var list []dst.Stmt
	if s.Own { // the literal asks for its bit
		list = ss.declarations(s)
		ss.save(&t, s)
		ss.standingAt(&t, s)
		list = append(list, ss.parse(&t, Origin{Site: s})...)
	} else {
		ss.save(&t, s)
		list = ss.parse(&t, Origin{Site: s})
		if others := ss.declarations(s); len(list) > 0 || s.Guard != nil || s.Bit >= 0 || len(others) == 0 {
			list = append(list, others...)
		} else { // nothing here is about s
			others = ss.created(others, s.Stmt.Pos())
			moveSpace(others[0], d)
			return append(others, ss.finishSite(d, s, nil)...)
		}
	}
	return ss.finishSite(d, s, list)
}

// prologue returns what goes before the first statement that holds a site.
func (ss *sites) prologue() []dst.Stmt {
	list := ss.created(ss.declarations(nil), ss.First().Stmt.Pos())
	if len(list) > 0 {
		moveSpace(list[0], ss.start())
	}
	return list
}

// declarations returns the declarations of types and variables, and the guards that
// stand there. first is a site whose entry is pending from there on, or nil.
func (ss *sites) declarations(first *plan.Site) []dst.Stmt {
	var t template
	var vars, views []string
	for _, l := range ss.Chain {
		if l.Records == nil {
			continue
		}
		for _, r := range l.Records.Stores() {
			if r.Local != "" {
				t.add("%s", r.Local)
			}
		}
	}
	inits := ss.mask.declare(first, &vars)
	for _, s := range ss.Sites {
		if s.NoOp {
			inits = append(inits, s.Call.FuncName()+" := func() {}")
			continue
		}
		vars = append(vars, declareTemps(s)...)
	}
	for _, l := range ss.Chain {
		if l.Records == nil {
			continue
		}
		if n := l.Records.Number; n != "" {
			inits = append(inits, n+" := 0")
		}
		for _, r := range l.Records.Stores() {
			v, w := ss.store(r).declare()
			vars, views = append(vars, v...), append(views, w...)
		}
	}
	for _, init := range inits {
		t.add("%s", init)
	}
	switch len(vars) {
	case 0:
	case 1:
		t.add("var %s", vars[0])
	default:
		t.add("var (\n%s\n)", strings.Join(vars, "\n"))
	}
	for _, v := range views {
		t.add("%s", v)
	}
	for _, s := range ss.Sites {
		if l := s.Call.Lift; l != nil && !s.Dead {
			before := t.as(Origin{Site: s})
			t.add("%s := %s", l.Name, t.expr(ss.expr(s.Callee.Lit)))
			t.as(before)
		}
	}
	for _, g := range ss.guardsAt(ss.Body.List[ss.At]) {
		ss.guard(&t, g)
	}
	return ss.parse(&t, Origin{})
}

// declareTemps returns the declarations of the operands of s that are not declared at
// the site.
func declareTemps(s *plan.Site) (vars []string) {
	if s.Records != nil {
		return nil
	}
	if t := s.Call.Thunk; t != nil {
		if !t.AtSite {
			vars = append(vars, t.Name+" "+t.TypeText)
		}
		return vars
	}
	for _, t := range s.Call.Temps {
		if !t.AtSite {
			vars = append(vars, t.Name+" "+t.TypeText)
		}
	}
	return vars
}
