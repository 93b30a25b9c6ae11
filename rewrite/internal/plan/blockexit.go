package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// blockExits lets the calls of an exit stand at the ends of the blocks before it, where
// nothing stands between and what is pending at the exit is pending there for certain, and
// nothing else is. No bit has to tell then whether it is:
//
//	if c.open {                       if c.open {
//		c.mu.Lock()                       c.mu.Lock()
//		defer c.mu.Unlock()               c.count++
//		c.count++                         c.mu.Unlock()
//	}                                 }
//	return                            return
func blockExits(d *draft) {
	if d.HasGoto {
		return
	}
	b := &blocks{draft: d, before: map[*Exit][]block{}}
	var brace *Exit
	for _, e := range d.Exits {
		if e.Return == nil {
			brace = e
		}
	}
	b.list(d.Body, d.Body.List, brace)
	for _, e := range slices.Clone(d.Exits) {
		if b.together(e) {
			b.move(e)
		}
	}
}

// blocks finds the blocks in front of exits.
type blocks struct {
	*draft
	before map[*Exit][]block
}

// A block is a block or clause with sites, from whose end control goes on to an exit, and which it
// does not leave in another way than by a return, a panic or at its end.
type block struct {
	node  ast.Node
	sites analysis.Bits // those in its own list
}

// list looks at the list of node, from whose end control goes on to the exit behind, nil
// for none.
func (b *blocks) list(node ast.Node, list []ast.Stmt, behind *Exit) {
	sites := analysis.NewBits(len(b.Sites))
	for i, s := range list {
		next := (*Exit)(nil)
		if i == len(list)-1 {
			next = behind
		} else if ret, ok := list[i+1].(*ast.ReturnStmt); ok && b.settledAt(ret) {
			next = b.exitOf(ret)
		}
		b.stmt(s, next)
		for _, site := range b.Sites {
			if site.Stmt == s {
				sites.Set(site.Index)
			}
		}
	}
	if behind != nil && node != ast.Node(b.Body) && !sites.Empty() && !slices.ContainsFunc(list, leavesList) {
		b.before[behind] = append(b.before[behind], block{node, sites})
	}
}

// stmt looks at the lists in s, behind which stands the exit next, or nil.
func (b *blocks) stmt(s ast.Stmt, next *Exit) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		b.list(s, s.List, next)
	case *ast.IfStmt:
		b.list(s.Body, s.Body.List, next)
		b.stmt(s.Else, next)
	case *ast.SwitchStmt:
		b.clauses(s.Body, next)
	case *ast.TypeSwitchStmt:
		b.clauses(s.Body, next)
	case *ast.SelectStmt:
		b.clauses(s.Body, next)
	case *ast.ForStmt:
		b.list(s.Body, s.Body.List, nil)
	case *ast.RangeStmt:
		b.list(s.Body, s.Body.List, nil)
	case *ast.LabeledStmt:
		b.stmt(s.Stmt, next)
	}
}

func (b *blocks) clauses(body *ast.BlockStmt, next *Exit) {
	for _, c := range body.List {
		switch c := c.(type) {
		case *ast.CaseClause:
			b.list(c, c.Body, next)
		case *ast.CommClause:
			b.list(c, c.Body, next)
		}
	}
}

// leavesList reports whether s leaves the list that it is part of by a branch: to a loop or switch
// around that, to a label, or to the next clause.
func leavesList(s ast.Stmt) (found bool) {
	ast.PreorderStack(s, nil, func(n ast.Node, stack []ast.Node) bool {
		if branch, ok := n.(*ast.BranchStmt); ok {
			loop, breakable := false, false
			for _, around := range stack {
				switch around.(type) {
				case *ast.ForStmt, *ast.RangeStmt:
					loop, breakable = true, true
				case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
					breakable = true
				}
			}
			inside := breakable && branch.Tok != token.CONTINUE || loop
			found = found || branch.Label != nil || !inside
		}
		_, isLit := n.(*ast.FuncLit)
		return !isLit
	})
	return found
}

// settledAt reports whether what ret returns is the same before and behind all calls that may
// be pending, which cannot see it either.
func (b *blocks) settledAt(ret *ast.ReturnStmt) bool {
	vs := &values{draft: b.draft}
	named := b.Sig.Results().Len() > 0 && b.Sig.Results().At(0).Name() != ""
	return len(ret.Results) == 0 || !named && !slices.ContainsFunc(ret.Results, func(x ast.Expr) bool {
		tv := b.info.Types[x]
		id, _ := ast.Unparen(x).(*ast.Ident)
		if tv.Value != nil || tv.IsNil() {
			return false
		}
		if id == nil {
			return true
		}
		v, ok := b.info.Uses[id].(*types.Var)
		return !ok || !vs.settled(v)
	})
}

func (b *blocks) exitOf(ret *ast.ReturnStmt) *Exit {
	i := slices.IndexFunc(b.Exits, func(e *Exit) bool { return e.Return == ret })
	if i < 0 { // no path leads there
		return nil
	}
	return b.Exits[i]
}

// together reports whether the blocks before e have all sites that may be pending there, none of
// them in a block within another one. A panic must not find its way from one of the calls
// to a literal that recovers, and nothing may stand behind one that is deferred itself.
func (b *blocks) together(e *Exit) bool {
	all := analysis.NewBits(len(b.Sites))
	for i, k := range b.before[e] {
		for _, l := range b.before[e][:i] {
			if l.node.Pos() <= k.node.Pos() && k.node.End() <= l.node.End() || k.node.Pos() <= l.node.Pos() && l.node.End() <= k.node.End() {
				return false
			}
		}
		all.Or(k.sites)
	}
	if e.Active.May.Empty() || e.InRangeFunc {
		return false
	}
	for _, s := range b.Sites {
		if e.Active.May.Has(s.Index) && (!all.Has(s.Index) || s.Callee.Builtin == "panic" || s.Cycle >= 0 || b.opts.Native && s.Recovers.How != analysis.Never) {
			return false
		}
	}
	return true
}

// move gives each block before e an exit of its own, and leaves nothing at e.
func (b *blocks) move(e *Exit) {
	for _, k := range b.before[e] {
		pending := e.Active.May.Clone()
		pending.And(k.sites)
		if pending.Empty() {
			continue // its end is not reached
		}
		active := analysis.Active{May: pending, Must: pending.Clone()}
		own := &Exit{Exit: &analysis.Exit{Pos: k.node.End() - 1, Active: active}, Active: active, Runs: pending.Clone(), Block: k.node, Behind: e.Exit}
		b.Exits = slices.Insert(b.Exits, slices.Index(b.Exits, e), own)
	}
	none := analysis.NewBits(len(b.Sites))
	e.Active, e.Runs = analysis.Active{May: none, Must: none.Clone()}, none.Clone()
}

// blockExit reports whether s stands in the list of a block at whose end it is called.
func (d *draft) blockExit(s *Site) bool { return d.blockEnd(s).IsValid() }

// blockEnd returns the end of that block.
func (d *draft) blockEnd(s *Site) token.Pos {
	i := slices.IndexFunc(d.Exits, func(e *Exit) bool { return e.Block != nil && e.Active.May.Has(s.Index) })
	if i < 0 {
		return token.NoPos
	}
	return d.Exits[i].Block.End()
}
