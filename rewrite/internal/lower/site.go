package lower

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// sites writes what stands in the place of a defer statement: "Exits", and in loops
// "Cycles" in ../../doc.go.
type sites struct {
	*tree
	*calls
	*saver
	*guards
	*lists
	mask  mask
	moved map[*plan.Site]directives // comments of defer statements that nothing is left of
}

// site returns what stands in the place of the defer statement d.
func (ss *sites) site(d *dst.DeferStmt, s *plan.Site) []dst.Stmt {
	if s.Strategy.Stays {
		ss.decl.from[d] = Origin{Func: ss.Func, Site: s}
		return []dst.Stmt{d}
	}
	var t template
	inPlace[s.Strategy](ss, &t, s)
	return ss.finishSite(d, s, ss.parse(&t, Origin{Site: s}))
}

// inPlace has a line for each plan.Strategy of a site that does not stay: what is
// written in its place.
var inPlace = map[*plan.Strategy]func(*sites, *template, *plan.Site){
	plan.Unreachable: (*sites).unreachable,
	plan.Unused:      (*sites).discard,
	plan.Record:      (*sites).push,
	plan.Bit:         (*sites).track,
	plan.Direct:      (*sites).track,
}

// unreachable leaves a call where its defer statement was, which no path leads to.
func (ss *sites) unreachable(t *template, s *plan.Site) {
	if s.Callee.Builtin == "panic" { // vet would miss what follows
		ss.discard(t, s)
		return
	}
	call := ss.nodes[s.Stmt.Call].(*dst.CallExpr)
	t.add("%s", ss.callStmt(t, s, nil, call))
}

// track saves the operands, and notes that the entry is pending.
func (ss *sites) track(t *template, s *plan.Site) {
	ss.save(t, s)
	ss.mask.set(t, s)
	ss.standingAt(t, s)
}

// finishSite puts list in the place of d, with what hung on it.
func (ss *sites) finishSite(d *dst.DeferStmt, s *plan.Site, list []dst.Stmt) []dst.Stmt {
	if !s.Dead {
		if s.Callee.Lit == nil {
			d.Decs.End, d.Decs.Defer = joined(d.Decs.Defer, d.Decs.End), nil
		}
		about := ss.takeAboutCall(s, d) // each call has them
		if s.Callee.Lit == nil && len(list) > 0 && ss.line(s.Stmt.Pos()) == ss.line(s.Stmt.End()) && slices.ContainsFunc(s.Call.Temps, func(t *plan.Temp) bool { return t.Value.Expr == nil || analysis.Has[*ast.CallExpr](t.Value.Expr) }) {
			about.give(list[0]) // it makes calls as well
		}
	}
	switch {
	case s.Dead:
	case len(list) == 0:
		ss.moved[s] = takeComments(d)
	case len(list) == 1 && ss.mask.changes(list[0]) && !ss.mask.Bool: // "active |= 2" tells nobody what the comment is about
		ss.moved[s] = directives{above: takeParagraph(d)}
	}
	if sel, ok := d.Call.Fun.(*dst.SelectorExpr); ok {
		ss.endOfOperand(list, sel.X, &sel.Decs.X) // behind the line of the receiver
	}
	for _, st := range list {
		if as, ok := st.(*dst.AssignStmt); ok && len(as.Rhs[0].Decorations().Start) == 0 {
			as.Rhs[0].Decorations().Before = dst.None // it began a line of the call
		}
	}
	ss.placeTrailing(d, s, list)
	kept := map[dst.Node]bool{}
	if s.Call.Lift != nil {
		kept[ss.expr(s.Callee.Lit)] = true // see declarations
	}
	if s.Call.Inline && len(s.Callee.Lit.Body.List) > 0 {
		kept[ss.nodes[s.Callee.Lit.Body]] = true // see inlined
	}
	for _, x := range ss.literalsIn(s) {
		kept[x] = true
	}
	if s.Callee.Lit != nil {
		ss.endOfLiteral(d, s, list)
	}
	return ss.finish(d, list, s.Stmt.Pos(), kept)
}

// literalsIn returns the operands of s that are function literals, or have some, and stand in its
// call: with their comments.
func (ss *sites) literalsIn(s *plan.Site) (list []dst.Expr) {
	if s.Call == nil {
		return nil
	}
	for _, a := range s.Call.Args {
		if a.HasLiteral() {
			list = append(list, ss.expr(a.Expr))
		}
	}
	return list
}

// endOfLiteral moves the comment behind the defer statement d to the declaration of its
// literal in list, or, where they are on a line of their own, to that of its arguments.
func (ss *sites) endOfLiteral(d *dst.DeferStmt, s *plan.Site, list []dst.Stmt) {
	about := ss.expr(s.Callee.Lit)
	if args := s.Stmt.Call.Args; len(args) > 0 && ss.line(s.Stmt.Call.Rparen) != ss.line(s.Callee.Lit.End()) {
		last := ss.expr(args[len(args)-1])
		if slices.ContainsFunc(list, func(st dst.Stmt) bool { return assigns(st, last) }) {
			about = last
		}
	}
	for _, st := range list {
		if assigns(st, about) {
			st.Decorations().End.Append(takeTrailing(&d.Decs.End)...)
		}
	}
}

// endOfOperand moves the directives of decs, which stand behind the operand x, to the
// statement in list that saves it.
func (ss *sites) endOfOperand(list []dst.Stmt, x dst.Expr, decs *dst.Decorations) {
	for _, st := range list {
		if assigns(st, x) {
			st.Decorations().End.Append(directivesIn(*decs)...)
			dropDirectives(decs)
			return
		}
	}
}

// assigns reports whether s assigns x.
func assigns(s dst.Stmt, x dst.Expr) bool {
	as, ok := s.(*dst.AssignStmt)
	return ok && slices.Contains(as.Rhs, x)
}

// placeTrailing moves the comment behind the defer statement d to the call that is left
// of it, which it is about, if there is one; else above list, where nothing in that is a
// line for it.
func (ss *sites) placeTrailing(d *dst.DeferStmt, s *plan.Site, list []dst.Stmt) {
	if len(list) == 0 || s.Callee.Lit != nil || s.Dead || s.Strategy.Never {
		return
	}
	if s.Records == nil && !pure(s.Callee.Func) && copies(ss.Func, s) == 1 {
		ss.moved[s] = directives{ss.moved[s].above, takeTrailing(&d.Decs.End)}
		return
	}
	last := list[len(list)-1]
	ends := false // on a line that says nothing of the call
	switch last.(type) {
	case *dst.IfStmt, *dst.DeferStmt: // a check, the guard
		ends = true
	}
	if comments := last.Decorations().End; ends || len(comments) > 0 || len(list) > 1 && ss.mask.changes(last) {
		d.Decs.Start.Append(ownLines(takeTrailing(&d.Decs.End))...)
	}
}

// standingAt writes the guards that stand at s, unless they stand with the variables.
func (ss *sites) standingAt(t *template, s *plan.Site) {
	if s.Own {
		if s.Call.Thunk == nil { // else see makeThunk
			ss.ownGuard(t, s)
		}
		ss.ask(s)
	}
	if ast.Stmt(s.Stmt) == ss.Body.List[ss.At] {
		return
	}
	for _, g := range ss.guardsAt(s.Stmt) {
		ss.guard(t, g)
	}
}

// push adds a record for an entry of s, which is in a cycle.
func (ss *sites) push(t *template, s *plan.Site) {
	all, st, c := s.Records, ss.store(s.Place()), s.Call
	if all.Promise != "" && all.Layout.Bare && s.Tag == 0 {
		t.add("if %s == %d {\npanic(%q)\n}", all.Number, all.Len, all.Promise)
	}
	if s.Store != nil && all.Iterations.Bare != nil {
		ss.dropKey(all.Iterations.Bare)
	}
	apart := c.Apart()
	if apart {
		t.add("{")
		ss.assignTemps(t, s)
	}
	if c.NilCheck != nil {
		ss.nilCheck(t, s)
	}
	ss.checks(t, s)
	st.push(t, s, ss.fields(t, s, apart))
	if apart {
		t.add("}")
	}
}

// dropKey takes the key from a loop that does not use it any more: "for range locks".
func (ss *sites) dropKey(loop *ast.RangeStmt) {
	l := ss.nodes[loop].(*dst.RangeStmt)
	if value, _ := l.Value.(*dst.Ident); l.Value != nil && (value == nil || value.Name != "_") {
		l.Key = dst.NewIdent("_")
		return
	}
	l.Key, l.Value, l.Tok = nil, nil, token.ILLEGAL
}

// discard evaluates the operands of a call that is never made, where that has to be seen or
// uses what has to be used: "_ = f()".
func (ss *sites) discard(t *template, s *plan.Site) {
	if d := ss.nodes[s.Stmt].(*dst.DeferStmt); s.Marked {
		d.Decs.Start = slices.DeleteFunc(slices.Clone(d.Decs.Start), isMark)
	}
	if s.Gone && noComments(ss.nodes[s.Stmt].(*dst.DeferStmt)) {
		return
	}
	callee, call := s.Callee, s.Stmt.Call
	var values []string
	again := false
	switch callee.Kind {
	case analysis.Builtin, analysis.CFunction:
	case analysis.Function:
		again = true
	default:
		values = append(values, t.expr(ss.expr(callee.Fun)))
	}
	for _, x := range call.Args {
		tv := ss.Unit.Pkg.Info.Types[x]
		switch {
		case tv.IsNil() || tv.IsType():
		case tv.Value != nil && ss.orders(x): // len(array)
			values = append(values, t.expr(clone(ss.expr(x))))
		case tv.Value != nil:
			again = again || analysis.Has[*ast.SelectorExpr](x)
		case again && isIdent(x): // named again below
		default:
			values = append(values, t.expr(clone(ss.expr(x))))
		}
	}
	tuple := len(call.Args) == 1 && s.Callee.Sig != nil && isTuple(ss.Unit.Pkg.Info, call.Args[0])
	if tuple {
		t.add("%s = %s", blanks(tupleLen(ss.Unit.Pkg.Info, call.Args[0])), values[len(values)-1])
		values = values[:len(values)-1]
	}
	if len(values) > 0 {
		t.add("%s = %s", blanks(len(values)), strings.Join(values, ", "))
	}
	if again {
		t.add("if %s {\n%s\n}", ss.Words.False, used(s.Callee.Func, t.call(dst.Clone(ss.nodes[call]).(*dst.CallExpr))))
	}
}

// orders reports whether the order of initialisation depends on what x refers to.
func (ss *sites) orders(x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && ss.Unit.Orders[analysis.Referred(ss.Unit.Pkg.Info, id)]
		return !found
	})
	return found
}

// copies returns how many times the call of s is written at exits.
func copies(f *plan.Func, s *plan.Site) (n int) {
	if f.Tail != nil {
		return 1
	}
	for _, e := range f.Exits {
		if e.Active.May.Has(s.Index) {
			n++
		}
	}
	return n
}

// shallowest returns the index of that of list which stands in the fewest blocks in body, the first
// of several.
func shallowest(body *dst.BlockStmt, list []placed) (index int) {
	blocks, fewest := 0, -1
	var open []bool
	dst.Inspect(body, func(n dst.Node) bool {
		if n == nil {
			last := len(open) - 1
			if open[last] {
				blocks--
			}
			open = open[:last]
			return false
		}
		if i := slices.IndexFunc(list, func(p placed) bool { return p.node == n }); i >= 0 && (fewest < 0 || blocks < fewest) {
			index, fewest = i, blocks
		}
		_, isBlock := n.(*dst.BlockStmt)
		if open = append(open, isBlock); isBlock {
			blocks++
		}
		return true
	})
	return index
}

// giveMoved gives the comments of defer statements of which nothing is left to their
// calls: those above to one that stands in as few blocks as any.
func (ss *sites) giveMoved(body *dst.BlockStmt) {
	for _, s := range ss.Sites {
		outermost := 0
		if list := ss.written[s]; len(ss.moved[s].above) > 0 && len(list) > 1 {
			outermost = shallowest(body, list)
		}
		for i, w := range ss.written[s] {
			above, behind := ss.moved[s].above, ss.moved[s].behind
			if i != outermost {
				above = nil
			}
			if w.others || isBlock(w.node) {
				above, behind = slices.Concat(above, ownLines(behind)), nil
			}
			d := w.node.Decorations()
			d.Start.Prepend(above...)
			d.End.Append(behind...)
			if len(above) > 0 {
				d.Before = max(d.Before, dst.NewLine)
			}
		}
	}
}
