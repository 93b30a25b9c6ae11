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

// decideRemains finds out what is left of each deferred literal at each exit,
// and whether that stands there in the place of its call.
func decideRemains(d *draft) {
	asks := slices.ContainsFunc(d.Sites, func(s *Site) bool {
		return s.plainLiteral() && analysis.Has[*ast.IfStmt](s.Callee.Lit.Body)
	})
	if asks && d.Tail == nil {
		known := d.Nilness(func(v *types.Var) bool { return tracks(d, v) })
		for _, e := range d.Exits {
			e.known = known[e.Exit]
			e.remains = remainsAt(d, e)
		}
	}
	for _, s := range d.Sites {
		if s.Callee.Lit == nil {
			continue
		}
		if s.Unwinds == nil && !staysInUse(d, s) { // a guard has all of it
			for _, e := range d.Exits {
				if e.remains[s] != nil {
					e.remains[s] = whole(s.Callee.Lit)
				}
			}
		}
		if s.inline = inline(d, s, d.places(s)); s.inline && s.Own {
			guardBeside(d, s)
		}
	}
}

// tracks reports whether only the statements of the function, and literals that it
// defers itself, assign to v: so it is known when.
func tracks(d *draft, v *types.Var) bool {
	return d.Unit.Vars.OnlyBody(v, d.Node, func(lit *ast.FuncLit) bool {
		return d.deferring(lit) != nil && !innerAssigns(d.info, lit, v)
	})
}

// remainsAt returns what is left at e of each literal that is pending there. What a
// literal assigns to is no longer known for those that run behind it.
func remainsAt(d *draft, e *Exit) map[*Site]*Remains {
	known := maps.Clone(e.known)
	returned(d, e, known)
	all := map[*Site]*Remains{}
	for _, l := range d.Chain {
		sites := []*Site{l.Site}
		if l.Records != nil {
			sites = l.Records.Sites
		}
		for _, s := range sites {
			if s.Callee.Lit == nil || !e.Active.May.Has(s.Index) {
				continue
			}
			switch {
			case !s.plainLiteral():
			case analysis.Has[*ast.LabeledStmt](s.Callee.Lit.Body):
				all[s] = whole(s.Callee.Lit)
			default:
				r := &reducer{info: d.info, known: maps.Clone(known), Remains: &Remains{}}
				r.list(s.Callee.Lit.Body.List, nil)
				all[s] = r.Remains
				known = r.known
				if leavesUnused(d.info, r.kept) {
					all[s] = whole(s.Callee.Lit)
				}
				continue
			}
			eachAssigned(d.info, s.Callee.Lit, func(v *types.Var) { delete(known, v) })
		}
	}
	return all
}

// returned adds to known what the return statement of e assigns to the results.
func returned(d *draft, e *Exit, known analysis.Nilness) {
	if e.Return == nil || len(e.Return.Results) == 0 {
		return
	}
	before := maps.Clone(known)
	for i := range d.Sig.Results().Len() {
		v := d.Sig.Results().At(i)
		delete(known, v)
		if len(e.Return.Results) != d.Sig.Results().Len() || !tracks(d, v) {
			continue
		}
		if isNil, ok := before.Of(d.info, e.Return.Results[i], v.Type()); ok {
			known[v] = isNil
		}
	}
}

// A reducer copies the body of a literal, without the statements that are known not
// to run.
type reducer struct {
	*Remains
	info  *types.Info
	known analysis.Nilness
}

// list copies statements, and reports whether a return statement ends them. above is
// the if statement in whose place they stand, or nil.
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
		eachAssigned(r.info, n, func(v *types.Var) { delete(r.known, v) })
	}
}

// test copies an if statement, or the branch of it that is taken. It reports whether
// a return statement ends that.
func (r *reducer) test(st *ast.IfStmt) (ended bool) {
	if st.Init != nil {
		r.testWithInit(st)
		return false
	}
	outcome := r.known.Cond(r.info, st.Cond)
	if outcome.Kind() != constant.Bool {
		r.partly(st)
		return false
	}
	r.dropped = append(r.dropped, st.Cond)
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

// testWithInit is test where an init statement runs first. Where it makes a call,
// that may be all that is left:
//
//	if cerr := f.Close(); err == nil {      f.Close()          // err is not nil
//		err = cerr                becomes
//	}                                       err = f.Close()    // it is
func (r *reducer) testWithInit(st *ast.IfStmt) {
	as, ok := st.Init.(*ast.AssignStmt)
	if ok && as.Tok == token.DEFINE {
		outcome := r.known.Cond(r.info, st.Cond)
		call, isCall := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
		if outcome.Kind() == constant.Bool && isCall && len(as.Rhs) == 1 && st.Else == nil && isStatement(r.info, call) {
			to := passedOn(r.info, as, st.Body)
			switch {
			case !constant.BoolVal(outcome):
				r.keep(Piece{Stmt: st, Init: call}, call)
				r.dropped = append(r.dropped, st.Cond, st.Body)
				return
			case to != nil:
				r.keep(Piece{Stmt: st, Init: call, To: to}, &ast.AssignStmt{Lhs: []ast.Expr{to}, Tok: token.ASSIGN, Rhs: []ast.Expr{call}})
				r.dropped = append(r.dropped, st.Cond, st.Body)
				return
			}
		}
	}
	eachAssigned(r.info, st.Init, func(v *types.Var) { delete(r.known, v) })
	r.partly(st)
}

// passedOn returns the variable that body, which does nothing else, assigns the
// one variable to that init declares; nil where it does not.
func passedOn(info *types.Info, init *ast.AssignStmt, body *ast.BlockStmt) *ast.Ident {
	if len(init.Lhs) != 1 || len(body.List) != 1 {
		return nil
	}
	as, ok := body.List[0].(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 {
		return nil
	}
	to, ok := as.Lhs[0].(*ast.Ident)
	from, isIdent := as.Rhs[0].(*ast.Ident)
	if _, isVar := info.Uses[to].(*types.Var); !ok || !isVar || !isIdent || info.Uses[from] == nil || info.Uses[from] != info.Defs[init.Lhs[0].(*ast.Ident)] || info.Uses[to] == info.Uses[from] {
		return nil
	}
	return to
}

// partly copies an if statement, without the operands of && that are known to be
// true.
func (r *reducer) partly(st *ast.IfStmt) {
	var left []ast.Expr
	var gone []ast.Node
	all := conjuncts(st.Cond)
	for _, x := range all {
		if c := r.known.Cond(r.info, x); c.Kind() != constant.Bool || !constant.BoolVal(c) {
			left = append(left, x)
		} else {
			gone = append(gone, x)
		}
	}
	p, nodes := Piece{Stmt: st}, []ast.Node{st}
	if 0 < len(left) && len(left) < len(all) && stillUses(r.info, st, left) {
		p.Conds, nodes = left, []ast.Node{st.Body}
		r.dropped = append(r.dropped, gone...)
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

// staysInUse reports whether the literal of s may be reduced at the exits: each
// import and variable that it uses is still used, there or elsewhere, and each of its
// comments is left at some exit.
func staysInUse(d *draft, s *Site) bool {
	lit := s.Callee.Lit
	var kept []ast.Node
	var all []*Remains
	less := false
	for _, e := range d.Exits {
		if r := e.remains[s]; r != nil {
			kept, all = append(kept, r.kept...), append(all, r)
			less = less || len(r.dropped) > 0 || len(r.Pieces) != len(lit.Body.List)
		}
	}
	if !less {
		return true
	}
	for _, g := range d.Unit.File.Syntax.Comments {
		if lit.Pos() < g.Pos() && g.Pos() < lit.End() && !slices.ContainsFunc(all, func(r *Remains) bool { return !r.drops(g.Pos()) }) {
			return false
		}
	}
	return usedElsewhere(d, lit, kept)
}

// usedElsewhere reports whether all that gone, a literal or a call, uses and that has to be used, besides
// what is in kept, is used in the file by what is not deferred, and the order of
// initialisation the same without it.
func usedElsewhere(d *draft, gone ast.Node, kept []ast.Node) bool {
	left := usedIn(d.info, kept)
	var elsewhere map[types.Object]bool
	for obj := range usedIn(d.info, []ast.Node{gone}) {
		if left[obj] || !mustBeUsed(d.Func, obj, gone) {
			continue
		}
		if elsewhere == nil {
			elsewhere = usedIn(d.info, undeferred(d.Unit.File.Syntax.Decls...))
		}
		if !elsewhere[obj] {
			return false
		}
	}
	return !reorders(d.Unit, gone, kept)
}

// reorders reports whether the package may be initialised in another order if of gone only
// kept is left: it refers to what nothing else in the declaration refers to.
func reorders(u *Unit, gone ast.Node, kept []ast.Node) bool {
	dropped := map[types.Object]bool{}
	note := func(nodes []ast.Node, refers bool) {
		for _, n := range nodes {
			ast.Inspect(n, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if obj := analysis.Referred(u.Pkg.Info, id); u.Orders[obj] {
						dropped[obj] = refers
					}
				}
				return true
			})
		}
	}
	note([]ast.Node{gone}, true)
	if fn, ok := u.Decl.(*ast.FuncDecl); ok && len(dropped) > 0 {
		note(undeferred(fn), false)
	}
	note(kept, false)
	return slices.Contains(slices.Collect(maps.Values(dropped)), true)
}

// goes reports whether nothing need be left of s, which nobody calls: it defers a literal
// without comments, or a method of a variable that cannot panic where it is named, and all that
// this uses is used elsewhere.
func goes(d *draft, s *Site) bool {
	if len(s.Stmt.Call.Args) > 0 {
		return false
	}
	if lit := s.Callee.Lit; lit != nil {
		return !analysis.Has[*ast.FuncLit](lit.Body) && !hasComments(d.Func, lit) && usedElsewhere(d, lit, nil)
	}
	return d.namesCalmly(s) && !hasComments(d.Func, s.Stmt) && usedElsewhere(d, s.Stmt.Call, nil)
}

// namesCalmly reports whether s calls a method of a variable, x.M, and evaluating that does nothing
// and cannot panic.
func (d *draft) namesCalmly(s *Site) bool {
	c := s.Callee
	if c.Sel == nil || !isIdent(c.Sel.X) || c.Selection.Kind() != types.MethodVal || len(c.Selection.Index()) != 1 {
		return false
	}
	t := d.info.TypeOf(c.Sel.X)
	if types.IsInterface(t) && !analysis.IsTypeParam(t) {
		o := newOperands(d, s)
		return o.notNil(c.Sel.X, s) || o.madeBefore(c.Sel.X)
	}
	_, wantsPointer := types.Unalias(c.Func.Signature().Recv().Type()).(*types.Pointer)
	return wantsPointer
}

// hasComments reports whether there is a comment in n.
func hasComments(f *Func, n ast.Node) bool {
	return slices.ContainsFunc(f.Unit.File.Syntax.Comments, func(g *ast.CommentGroup) bool { return n.Pos() < g.Pos() && g.Pos() < n.End() })
}

// mustBeUsed reports whether the compiler complains if nothing uses obj: an import,
// or a variable that is declared outside of gone.
func mustBeUsed(f *Func, obj types.Object, gone ast.Node) bool {
	switch obj := obj.(type) {
	case *types.PkgName:
		return true
	case *types.Var:
		if obj.Kind() == types.LocalVar {
			return !(gone.Pos() <= obj.Pos() && obj.Pos() < gone.End())
		}
	}
	return f.dotImported(obj)
}

// undeferred returns the parts of decls without defer statements. What is used in
// the others may become unused.
func undeferred(decls ...ast.Decl) (nodes []ast.Node) {
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
	for _, d := range decls {
		ast.Inspect(d, visit)
	}
	return nodes
}
