package lower

import (
	"fmt"
	"go/token"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// exits writes the chains of calls: "Exits" and "Shared exits" in ../../doc.go.
type exits struct {
	*tree
	*calls
	*lists
	results
	mask mask
}

// exit lowers a return statement: the results first, then the chain, or a goto to the
// tail that has it.
func (es *exits) exit(ret *dst.ReturnStmt, e *plan.Exit) []dst.Stmt {
	o := Origin{Func: es.Func, Exit: e}
	es.decl.from[ret] = o
	if e.Plain {
		return []dst.Stmt{ret}
	}
	var t template
	var above []string // comments that stay with what is returned
	about := takeDirectives(ret)
	lastLine := es.lastLine(ret, e)
	block := es.setResults(&t, ret, e)
	list := es.parse(&t, o)
	operands := dst.Stmt(ret) // holds them
	if len(list) > 0 {
		operands = list[0]
	}
	if es.Tail != nil {
		list = append(list, es.mark(statement("goto %s", es.Tail.Label), o)...)
	} else {
		chain, ends := es.chain(e.Runs, e.Active, e)
		list = append(list, chain...)
		if !ends {
			list = append(list, ret)
		}
	}
	if operands == dst.Stmt(ret) && len(list) > 1 && list[len(list)-1] == operands {
		above = takeAbove(ret)
	}
	list = es.finish(ret, list, e.Pos, map[dst.Node]bool{})
	ret.Decs.Start.Prepend(above...)
	if n := len(ret.Results); n > 0 && ret.Results[n-1] == lastLine {
		directives{behind: about.behind}.give(ret)
		about.behind = nil
	}
	about.give(operands)
	if block {
		inner := &dst.BlockStmt{List: list}
		inner.Decs.Before, list[0].Decorations().Before = list[0].Decorations().Before, dst.NewLine
		list = es.created([]dst.Stmt{inner}, e.Pos)
	}
	return list
}

// lastLine returns the last operand of ret where it is on another line than the
// first: a directive behind it is about that line.
func (es *exits) lastLine(ret *dst.ReturnStmt, e *plan.Exit) dst.Expr {
	n := len(ret.Results)
	if n == 0 || e.Return == nil || es.line(e.Return.Pos()) == es.line(e.Return.Results[n-1].Pos()) {
		return nil
	}
	return ret.Results[n-1]
}

// end puts the chain at the closing brace, or the tail that exits share, behind the
// statements of the body.
func (es *exits) end(e *plan.Exit, rest []dst.Stmt) []dst.Stmt {
	if es.Tail == nil {
		if e == nil || e.Plain {
			return rest
		}
		chain, _ := es.chain(e.Runs, e.Active, e)
		moveLastComments(rest, chain)
		return append(rest, es.created(chain, e.Pos)...)
	}
	if e != nil && e.Plain {
		rest = append(rest, es.created(statement("return"), e.Pos)...)
	}
	rest = es.fallIntoTail(rest)
	if es.Tail.Block {
		block := &dst.BlockStmt{List: rest}
		block.Decs.Before = dst.NewLine
		if len(rest) > 0 {
			moveSpace(block, rest[0])
		}
		es.settle(block, &block.List)
		block.List = es.merge(block.List)
		rest = []dst.Stmt{block}
	}
	list, ends := es.chain(es.Tail.Runs, es.Tail.Active, nil)
	shared := Origin{Tail: true}
	moveLastComments(rest, list)
	if !ends && es.HasResults() {
		list = append(list, es.mark(statement("return"), shared)...)
	}
	label := &dst.LabeledStmt{Label: dst.NewIdent(es.Tail.Label), Stmt: list[0]}
	label.Decs.Before = dst.NewLine
	list[0] = label
	es.mark(list[:1], shared)
	return append(rest, es.created(list, es.Body.Rbrace)...)
}

// endOfBlock puts the chain at the end of a block or clause.
func (es *exits) endOfBlock(e *plan.Exit, rest []dst.Stmt) []dst.Stmt {
	chain, _ := es.chain(e.Runs, e.Active, e)
	moveLastComments(rest, chain)
	return append(rest, es.created(chain, e.Behind.Pos)...)
}

// fallIntoTail drops a "goto exit" that stands right before the label.
func (es *exits) fallIntoTail(list []dst.Stmt) []dst.Stmt {
	last := len(list) - 1
	if last < 1 {
		return list
	}
	b, ok := list[last].(*dst.BranchStmt)
	if !ok || b.Tok != token.GOTO || b.Label.Name != es.Tail.Label || es.Tail.Exits == 1 {
		return list
	}
	if before := list[last-1]; len(b.Decs.Start) == 0 && len(b.Decs.End) == 0 {
		before.Decorations().After = dst.NewLine
		return list[:last]
	}
	return list
}

// chain writes the calls that run at an exit, newest first. at is what is pending
// there, e the exit, or nil for a tail. ends reports that the last call panics for
// certain.
func (es *exits) chain(runs analysis.Bits, at analysis.Active, e *plan.Exit) (list []dst.Stmt, ends bool) {
	left := analysis.Active{May: at.May.Clone(), Must: at.Must.Clone()}
	last := es.EndsAt(runs, at)
	cleared := map[*plan.Site]bool{}
	for i, l := range es.Chain {
		var t template
		o := Origin{Site: l.Site, Exit: e, Tail: e == nil}
		if l.Records != nil && len(l.Records.Sites) == 1 {
			o.Site = l.Records.Sites[0]
		}
		t.as(o)
		done := func() { list = append(list, es.parse(&t, o)...) }
		if l.Records != nil {
			if anyPending(l.Records, runs) {
				popAll(&t, es.store(l.Records))
				done()
			}
			continue
		}
		s := l.Site
		if !runs.Has(s.Index) {
			continue
		}
		left.May.Clear(s.Index)
		left.Must.Clear(s.Index)
		if s.Silent || e != nil && e.Remains(s).Nothing() {
			if !cleared[s] {
				es.mask.clear(&t, s, left)
			}
			done()
			continue
		}
		if at.Must.Has(s.Index) {
			if !cleared[s] {
				for _, older := range es.clearedWith(i, runs, at, left) {
					left.May.Clear(older.Index)
					left.Must.Clear(older.Index)
					cleared[older] = true
				}
				es.mask.clearForCall(&t, s, left)
			}
			call := es.callStmt(&t, s, e, es.plain(s))
			stays := s.Callee.Builtin == "panic" && (s != last || e != nil && e.Stays)
			if stays {
				// Nothing of the rest runs, but what it mentions has to stay in use.
				call = fmt.Sprintf("if %s {\n%s\n}", es.Words.True, call)
			}
			t.add("%s", call)
			done()
			if s == last {
				return list, !stays
			}
			continue
		}
		es.callIf(&t, s, e, left)
		done()
	}
	return list, false
}

// clearedWith returns the sites behind the i-th of the chain whose bits the statement that clears that
// one's clears, too: all are pending for certain, and nothing comes between that could let the
// guard ask, since no panic comes out of the calls.
//
//	active = 0                 not active = 1
//	b.Unlock()                     b.Unlock()
//	a.Unlock()                     active = 0
//	                               a.Unlock()
func (es *exits) clearedWith(i int, runs analysis.Bits, at, left analysis.Active) (list []*plan.Site) {
	first := es.Chain[i].Site
	if !es.mask.clears(first) {
		return nil
	}
	after := analysis.Active{May: left.May.Clone(), Must: left.Must.Clone()}
	calm := first.Calm
	for _, l := range es.Chain[i+1:] {
		s := l.Site
		if s != nil && !runs.Has(s.Index) || s == nil && !anyPending(l.Records, runs) {
			continue
		}
		if s != nil && s.With != nil {
			calm = calm && s.Calm
			continue
		}
		if !calm || s == nil || !es.mask.clears(s) || es.mask.name(s) != es.mask.name(first) || !at.Must.Has(s.Index) {
			break
		}
		after.May.Clear(s.Index)
		after.Must.Clear(s.Index)
		list, calm = append(list, s), s.Calm
	}
	if _, known := es.mask.known(first, after); !known {
		return nil
	}
	return list
}

// callIf writes the call of s under the test whether it is pending:
//
//	if active {
//		f.Close()
//	}
func (es *exits) callIf(t *template, s *plan.Site, e *plan.Exit, left analysis.Active) {
	if s.If != nil {
		t.add("if %s {\n%s\n}", t.expr(clone(es.expr(s.If.Cond))), es.callStmt(t, s, e, es.plain(s)))
		return
	}
	if s.Call.Inline && s.Guard == nil {
		if body := es.inlined(s, e); alsoAsks(body, es.mask.test(s)) {
			t.add("%s", t.stmts(body))
			return
		}
	}
	if s.NoOp {
		t.add("%s", es.callStmt(t, s, e, es.plain(s)))
		return
	}
	t.add("if %s {", es.mask.test(s))
	es.mask.clearForCall(t, s, left)
	t.add("%s\n}", es.callStmt(t, s, e, es.plain(s)))
}

// anyPending reports whether an exit that calls runs calls an entry of r.
func anyPending(r *plan.Records, runs analysis.Bits) bool {
	for _, s := range r.Sites {
		if runs.Has(s.Index) {
			return true
		}
	}
	return false
}
