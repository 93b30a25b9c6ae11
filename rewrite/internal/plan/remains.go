package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Remains is what is left of the body of a deferred literal at an exit, where
// some of its tests for nil have one outcome:
//
//	defer func() {
//		if err != nil {
//			tx.Rollback()
//		}
//	}()
//	if err = tx.Insert(row); err != nil {
//		return err                  // tx.Rollback(), without a test
//	}
//	return nil                          // nothing
type Remains struct {
	Pieces []Piece

	kept    []ast.Node
	dropped []ast.Node
}

// A Piece is a statement of a literal's body that is left.
type Piece struct {
	Stmt  ast.Stmt
	Conds []ast.Expr    // what the condition of an if statement is still made of, by &&; nil for all of it
	Init  *ast.CallExpr // what is left of an if statement: the call that its init statement makes
	Above *ast.IfStmt   // it stands first in the place of that statement; nil if it always stood there
}

// Nothing reports whether nothing is left.
func (r *Remains) Nothing() bool { return r != nil && len(r.Pieces) == 0 }

// Remains returns what is left of the literal that s defers, where it is
// pending at e; nil if no test in it was looked at.
func (e *Exit) Remains(s *Site) *Remains { return e.remains[s] }

// decideRemains finds out what is left of each deferred literal at each exit,
// and whether that stands there in the place of its call.
func (f *Func) decideRemains() {
	asks := slices.ContainsFunc(f.Sites, func(s *Site) bool {
		return f.plainLiteral(s) && analysis.Has[*ast.IfStmt](s.Callee.Lit.Body)
	})
	if asks && f.Tail == nil {
		known := f.Nilness(f.tracks)
		for _, e := range f.Exits {
			e.known = known[e.Exit]
			e.remains = f.remainsAt(e)
		}
	}
	for _, s := range f.Sites {
		if s.Callee.Lit == nil {
			continue
		}
		if !f.staysInUse(s) {
			for _, e := range f.Exits {
				if e.remains[s] != nil {
					e.remains[s] = whole(s.Callee.Lit)
				}
			}
		}
		s.inline = f.inline(s, f.places(s))
	}
}

// whole is what is left of lit where nothing is known.
func whole(lit *ast.FuncLit) *Remains {
	r := &Remains{kept: []ast.Node{lit.Body}}
	for _, s := range lit.Body.List {
		r.Pieces = append(r.Pieces, Piece{Stmt: s})
	}
	return r
}

// tracks reports whether nothing changes v but the statements of f and its
// deferred literals, which run at its exits.
func (f *Func) tracks(v *types.Var) bool {
	return f.Unit.Vars.OnlyBody(v, f.Node, func(lit *ast.FuncLit) bool {
		return f.deferring(lit) != nil && !innerAssigns(f.info, lit, v)
	})
}

// deferring returns the site that defers lit itself, or nil.
func (f *Func) deferring(lit *ast.FuncLit) *Site {
	i := slices.IndexFunc(f.Sites, func(s *Site) bool { return s.Callee.Lit == lit })
	if i < 0 {
		return nil
	}
	return f.Sites[i]
}

// innerAssigns reports whether a literal inside lit assigns to v: nobody knows
// when.
func innerAssigns(info *types.Info, lit *ast.FuncLit, v *types.Var) (found bool) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if inner, ok := n.(*ast.FuncLit); ok {
			found = found || assigns(info, inner, v)
		}
		return !found
	})
	return found
}

func assigns(info *types.Info, n ast.Node, v *types.Var) (found bool) {
	eachAssigned(info, n, func(w *types.Var) { found = found || v == w })
	return found
}

// eachAssigned visits the variables that statements in n assign to.
func eachAssigned(info *types.Info, n ast.Node, visit func(*types.Var)) {
	assigned := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok {
			if v, ok := info.ObjectOf(id).(*types.Var); ok {
				visit(v)
			}
		}
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for _, x := range m.Lhs {
				assigned(ast.Unparen(x))
			}
		case *ast.RangeStmt:
			assigned(m.Key)
			assigned(m.Value)
		}
		return true
	})
}

// remainsAt goes through the literals that run at e, in their order.
func (f *Func) remainsAt(e *Exit) map[*Site]*Remains {
	known := maps.Clone(e.known)
	f.returned(e, known)
	all := map[*Site]*Remains{}
	for _, l := range f.Chain {
		sites := []*Site{l.Site}
		if l.Records != nil {
			sites = l.Records.Sites
		}
		for _, s := range sites {
			if s.Callee.Lit == nil || !e.Active.May.Has(s.Index) {
				continue
			}
			switch {
			case !f.plainLiteral(s):
			case analysis.Has[*ast.LabeledStmt](s.Callee.Lit.Body):
				all[s] = whole(s.Callee.Lit)
			default:
				r := &reducer{f: f, known: maps.Clone(known), Remains: &Remains{}}
				r.list(s.Callee.Lit.Body.List, nil)
				all[s] = r.Remains
				if f.leavesUnused(r.kept) {
					all[s] = whole(s.Callee.Lit)
				}
			}
			eachAssigned(f.info, s.Callee.Lit, func(v *types.Var) { delete(known, v) })
		}
	}
	return all
}

// leavesUnused reports whether nodes, which are left of a literal, declare a variable
// that only what is left out uses.
func (f *Func) leavesUnused(nodes []ast.Node) (found bool) {
	used := f.usedIn(nodes)
	for _, n := range nodes {
		ast.Inspect(n, func(m ast.Node) bool {
			if id, ok := m.(*ast.Ident); ok {
				v, isVar := f.info.Defs[id].(*types.Var)
				found = found || isVar && v.Kind() == types.LocalVar && !used[v]
			}
			return !found
		})
	}
	return found
}

// returned notes what the return statement of e assigns to the results.
func (f *Func) returned(e *Exit, known analysis.Nilness) {
	if e.Return == nil || len(e.Return.Results) == 0 {
		return
	}
	before := maps.Clone(known)
	for i := range f.Sig.Results().Len() {
		v := f.Sig.Results().At(i)
		delete(known, v)
		if len(e.Return.Results) != f.Sig.Results().Len() || !f.tracks(v) {
			continue
		}
		if isNil, ok := before.Of(f.info, e.Return.Results[i], v.Type()); ok {
			known[v] = isNil
		}
	}
}

// A reducer leaves out the statements of a literal that are known not to run.
type reducer struct {
	*Remains
	f     *Func
	known analysis.Nilness
}

// list reduces statements, and reports whether a return statement ends them.
// above is the if statement in whose place they stand.
func (r *reducer) list(list []ast.Stmt, above *ast.IfStmt) (ended bool) {
	for _, st := range list {
		if ended {
			r.dropped = append(r.dropped, st)
			continue
		}
		n := len(r.Pieces)
		switch st := st.(type) {
		case *ast.ReturnStmt:
			ended = len(st.Results) == 0
			if ended {
				r.dropped = append(r.dropped, st)
				continue
			}
			r.keep(Piece{Stmt: st}, st)
		case *ast.IfStmt:
			ended = r.test(st)
		default:
			r.keep(Piece{Stmt: st}, st)
		}
		if above != nil && len(r.Pieces) > n && r.Pieces[n].Above == nil {
			r.Pieces[n].Above, above = above, nil
		}
	}
	return ended
}

// keep adds a piece, of which nodes are left.
func (r *reducer) keep(p Piece, nodes ...ast.Node) {
	r.Pieces = append(r.Pieces, p)
	r.kept = append(r.kept, nodes...)
	for _, n := range nodes {
		eachAssigned(r.f.info, n, func(v *types.Var) { delete(r.known, v) })
	}
}

// test reduces an if statement, and reports whether a return statement that
// surely runs ends it.
func (r *reducer) test(st *ast.IfStmt) (ended bool) {
	if st.Init != nil {
		r.testWithInit(st)
		return false
	}
	outcome := r.known.Cond(r.f.info, st.Cond)
	if outcome.Kind() != constant.Bool {
		r.partly(st)
		return false
	}
	taken, other := ast.Stmt(st.Body), st.Else
	if !constant.BoolVal(outcome) {
		taken, other = other, taken
	}
	if other != nil {
		r.dropped = append(r.dropped, other)
	}
	switch taken := taken.(type) {
	case *ast.IfStmt:
		return r.list([]ast.Stmt{taken}, st)
	case *ast.BlockStmt:
		if !declares(taken.List) {
			return r.list(taken.List, st)
		}
		r.keep(Piece{Stmt: taken, Above: st}, taken)
	}
	return false
}

// testWithInit is test where an init statement runs first.
func (r *reducer) testWithInit(st *ast.IfStmt) {
	as, ok := st.Init.(*ast.AssignStmt)
	if ok && as.Tok == token.DEFINE {
		outcome := r.known.Cond(r.f.info, st.Cond)
		never := outcome.Kind() == constant.Bool && !constant.BoolVal(outcome)
		if call, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr); ok && never && st.Else == nil && r.f.isStatement(call) {
			r.keep(Piece{Stmt: st, Init: call}, call)
			r.dropped = append(r.dropped, st.Body)
			return
		}
	}
	r.partly(st)
}

// isStatement reports whether call may stand alone.
func (f *Func) isStatement(call *ast.CallExpr) bool {
	return !f.info.Types[call.Fun].IsType() && analysis.BuiltinName(f.info, call) == ""
}

// partly leaves out what of the condition of st is known to be true.
func (r *reducer) partly(st *ast.IfStmt) {
	var left []ast.Expr
	all := conjuncts(st.Cond)
	for _, x := range all {
		if c := r.known.Cond(r.f.info, x); c.Kind() != constant.Bool {
			left = append(left, x)
		}
	}
	p, nodes := Piece{Stmt: st}, []ast.Node{st}
	if 0 < len(left) && len(left) < len(all) && r.f.stillUses(st, left) {
		p.Conds, nodes = left, []ast.Node{st.Body}
		for _, x := range left {
			nodes = append(nodes, x)
		}
		if st.Init != nil {
			nodes = append(nodes, st.Init)
		}
		if st.Else != nil {
			nodes = append(nodes, st.Else)
		}
	}
	r.keep(p, nodes...)
}

// conjuncts returns the operands of && in x.
func conjuncts(x ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(x).(*ast.BinaryExpr); ok && b.Op == token.LAND {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []ast.Expr{x}
}

// stillUses reports whether what the init statement of st declares is used
// with conds as its condition.
func (f *Func) stillUses(st *ast.IfStmt, conds []ast.Expr) bool {
	if st.Init == nil {
		return true
	}
	nodes := []ast.Node{st.Body}
	for _, x := range conds {
		nodes = append(nodes, x)
	}
	used := f.usedIn(nodes)
	ok := true
	ast.Inspect(st.Init, func(n ast.Node) bool {
		if id, isID := n.(*ast.Ident); isID && f.info.Defs[id] != nil {
			ok = ok && used[f.info.Defs[id]]
		}
		return ok
	})
	return ok
}

// usedIn returns the objects that nodes use: an assignment to a variable is no
// use of it.
func (f *Func) usedIn(nodes []ast.Node) map[types.Object]bool {
	used, assigned := map[types.Object]bool{}, map[*ast.Ident]bool{}
	for _, n := range nodes {
		ast.Inspect(n, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.AssignStmt:
				for _, x := range m.Lhs {
					if id, ok := ast.Unparen(x).(*ast.Ident); ok {
						assigned[id] = m.Tok == token.ASSIGN || m.Tok == token.DEFINE
					}
				}
			case *ast.Ident:
				if obj := f.info.Uses[m]; obj != nil && !assigned[m] {
					used[obj] = true
				}
			}
			return true
		})
	}
	return used
}

// declares reports whether a statement of list declares something.
func declares(list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(s ast.Stmt) bool {
		as, ok := s.(*ast.AssignStmt)
		_, isDecl := s.(*ast.DeclStmt)
		return isDecl || ok && as.Tok == token.DEFINE
	})
}

// staysInUse reports whether each import and variable that the literal of s
// uses is used in what is left of it at some exit, or elsewhere, and each of its
// comments is left at some exit.
func (f *Func) staysInUse(s *Site) bool {
	lit := s.Callee.Lit
	var kept []ast.Node
	var all []*Remains
	less := false
	for _, e := range f.Exits {
		if r := e.remains[s]; r != nil {
			kept, all = append(kept, r.kept...), append(all, r)
			less = less || len(r.dropped) > 0 || len(r.Pieces) != len(lit.Body.List)
		}
	}
	if !less {
		return true
	}
	for _, g := range f.Unit.File.Syntax.Comments {
		if lit.Pos() < g.Pos() && g.Pos() < lit.End() && !slices.ContainsFunc(all, func(r *Remains) bool { return !r.drops(g.Pos()) }) {
			return false
		}
	}
	used := f.usedIn(kept)
	var elsewhere map[types.Object]bool
	for obj := range f.usedIn([]ast.Node{lit.Body}) {
		if used[obj] || !f.mustBeUsed(obj, lit) {
			continue
		}
		if elsewhere == nil {
			elsewhere = f.usedIn(f.undeferred())
		}
		if !elsewhere[obj] {
			return false
		}
	}
	return true
}

// drops reports whether what stands at pos in the literal is not left.
func (r *Remains) drops(pos token.Pos) bool {
	return slices.ContainsFunc(r.dropped, func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() })
}

// mustBeUsed reports whether the compiler complains if nothing uses obj, which
// is not declared in lit.
func (f *Func) mustBeUsed(obj types.Object, lit *ast.FuncLit) bool {
	switch obj := obj.(type) {
	case *types.PkgName:
		return true
	case *types.Var:
		return obj.Kind() == types.LocalVar && !(lit.Pos() <= obj.Pos() && obj.Pos() < lit.End())
	}
	return false
}

// undeferred returns the parts of the file that hold no defer statement, and stand
// in none: a use in one may be left out, too.
func (f *Func) undeferred() (nodes []ast.Node) {
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.DeferStmt:
			return false
		case *ast.AssignStmt:
			if analysis.Has[*ast.DeferStmt](n) {
				for _, x := range n.Rhs {
					ast.Inspect(x, visit)
				}
				return false
			}
		}
		if analysis.Has[*ast.DeferStmt](n) {
			return true
		}
		nodes = append(nodes, n)
		return false
	}
	for _, d := range f.Unit.File.Syntax.Decls {
		ast.Inspect(d, visit)
	}
	return nodes
}
