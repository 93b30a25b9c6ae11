package lower

import (
	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// newFunction prepares the lowering of a function: it finds the nodes that the plan
// is about.
func newFunction(tr *tree) *function {
	m := mask{tr.Mask, tr.Sites, tr.Words}
	ls := &lists{tr, m, map[dst.Stmt]bool{}, map[dst.Stmt]bool{}}
	cs := &calls{tr, map[*plan.Site]directives{}, map[*plan.Site][]placed{}}
	gs := &guards{cs, m}
	f := &function{
		tree: tr, lists: ls, guards: gs,
		sites: &sites{tr, cs, &saver{cs}, gs, ls, m, map[*plan.Site]directives{}},
		exits: &exits{tr, cs, ls, results{tr}, m},

		siteOf: map[dst.Stmt]*plan.Site{}, exitOf: map[dst.Stmt]*plan.Exit{}, endOf: map[dst.Node]*plan.Exit{}, conditional: map[dst.Stmt]*plan.Site{},
		redeclared: map[dst.Stmt][]plan.Redeclared{}, rooms: map[dst.Stmt][]*plan.Records{},
	}
	for _, s := range f.Sites {
		d := f.stmtOf(s.Stmt).(*dst.DeferStmt)
		f.siteOf[d] = s
		if s.If != nil {
			f.conditional[f.stmtOf(s.If)] = s
		}
		cs.about[s] = tr.aboutCall(s, d)
	}
	for _, e := range f.Exits {
		switch {
		case e.Block != nil:
			f.endOf[f.nodes[e.Block]] = e
		case e.Return == nil:
			f.end = e
		default:
			f.exitOf[f.stmtOf(e.Return)] = e
		}
	}
	if f.Tail != nil {
		for s, list := range f.Tail.Redeclared {
			f.redeclared[f.stmtOf(s)] = list
		}
	}
	for _, l := range f.Chain {
		if l.Records == nil {
			continue
		}
		for _, r := range l.Records.Stores() {
			if r.Grow != nil {
				loop := f.stmtOf(r.Grow.Loop)
				f.rooms[loop] = append(f.rooms[loop], r)
			}
		}
	}
	return f
}

// lower rewrites the body: what stands before the first site, then the variables and
// the guard, then the rest and the chain of the closing brace.
func (f *function) lower() {
	body := f.nodes[f.Body].(*dst.BlockStmt)
	f.nameResults(f.nodes[f.Type].(*dst.FuncType))
	start := body.List[f.At]
	var before, behind []dst.Stmt
	for i, s := range body.List {
		switch {
		case i < f.At:
			before = append(before, f.stmt(s)...)
		case s == start && f.FirstSite() != nil:
			before = append(before, f.sites.firstSite(s.(*dst.DeferStmt))...)
		case s == start:
			before = append(before, f.sites.prologue()...)
			behind = append(behind, f.room(s)...)
			behind = append(behind, f.stmt(s)...)
		default:
			behind = append(behind, f.guarded(s)...)
		}
	}
	body.List = append(before, f.exits.end(f.end, behind)...)
	f.lists.settle(body, &body.List)
	body.List = f.lists.merge(body.List)
	f.sites.giveMoved(body)
}
