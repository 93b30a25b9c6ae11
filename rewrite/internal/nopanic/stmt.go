package nopanic

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// body walks through the body of a function, and forgets what that has taught.
func (w *walker) body(b *ast.BlockStmt) {
	if w.frame == nil && hasGoto(b) {
		w.obstacle(b.Pos(), "a goto leads to where calls are pending")
		return
	}
	frames := w.frames
	w.frames = nil
	w.scoped(func() { w.list(b.List) })
	w.frames = frames
}

func (w *walker) list(list []ast.Stmt) { w.opened(list, nil, false) }

// opened walks through the list of opener, whose condition has that value.
func (w *walker) opened(list []ast.Stmt, opener ast.Stmt, value bool) {
	frames := w.frames
	for i, s := range list {
		if !w.gotos() {
			w.frames = append(slices.Clip(frames), frame{list, i, opener, value})
		}
		w.stmt(s)
	}
	w.frames = frames
}

func (w *walker) stmt(s ast.Stmt) {
	around := w.atStmt
	w.atStmt = w.facts
	w.anyStmt(s)
	w.atStmt = around
}

func (w *walker) anyStmt(s ast.Stmt) {
	switch s := s.(type) {
	case nil:
	case *ast.AssignStmt:
		w.assign(s)
	case *ast.BlockStmt:
		w.scoped(func() { w.list(s.List) })
	case *ast.BranchStmt, *ast.EmptyStmt:
	case *ast.DeclStmt:
		w.declaration(s)
	case *ast.DeferStmt:
		w.deferred(s)
	case *ast.ExprStmt:
		w.expr(s.X)
	case *ast.ForStmt:
		w.forStmt(s)
	case *ast.GoStmt:
		w.start(s)
	case *ast.IfStmt:
		w.ifStmt(s)
	case *ast.IncDecStmt:
		w.target(s.X)
	case *ast.LabeledStmt:
		w.stmt(s.Stmt)
	case *ast.RangeStmt:
		w.rangeStmt(s)
	case *ast.ReturnStmt:
		w.exprs(s.Results)
	case *ast.SelectStmt:
		w.clauses(s.Body)
	case *ast.SendStmt:
		w.exprs([]ast.Expr{s.Chan, s.Value})
		w.may(s, "a send may panic: the channel may be closed")
	case *ast.SwitchStmt:
		w.switchStmt(s)
	case *ast.TypeSwitchStmt:
		w.typeSwitch(s)
	default:
		w.may(s, "a statement that may panic")
	}
}

func (w *walker) declaration(s *ast.DeclStmt) {
	decl, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range decl.Specs {
		vs, ok := spec.(*ast.ValueSpec)
		if !ok || decl.Tok != token.VAR {
			continue
		}
		w.exprs(vs.Values)
		if len(vs.Names) == len(vs.Values) {
			for i, id := range vs.Names {
				w.defined(id, vs.Values[i])
			}
		}
	}
}

func (w *walker) assign(s *ast.AssignStmt) {
	if as, ok := ast.Unparen(s.Rhs[0]).(*ast.TypeAssertExpr); ok && len(s.Lhs) == 2 && len(s.Rhs) == 1 { // v, ok := x.(T)
		w.expr(as.X)
	} else {
		w.exprs(s.Rhs)
	}
	switch s.Tok {
	case token.QUO_ASSIGN, token.REM_ASSIGN:
		w.divisor(s, s.Lhs[0], s.Rhs[0])
	case token.SHL_ASSIGN, token.SHR_ASSIGN:
		w.shift(s, s.Rhs[0])
	}
	for _, x := range s.Lhs {
		if id, ok := x.(*ast.Ident); ok && s.Tok == token.DEFINE && w.info.Defs[id] != nil {
			continue
		}
		w.target(x)
	}
	if s.Tok == token.DEFINE && len(s.Lhs) == len(s.Rhs) {
		for i, x := range s.Lhs {
			w.defined(x.(*ast.Ident), s.Rhs[i])
		}
	}
}

// target looks at x, to which something is assigned.
func (w *walker) target(x ast.Expr) {
	if ix, ok := ast.Unparen(x).(*ast.IndexExpr); ok {
		if _, isMap := analysis.Under(w.info.TypeOf(ix.X)).(*types.Map); isMap {
			w.expr(x)
			if w.matters(x) && !w.isNotNil(ix.X) {
				w.may(x, "assigning to a map that may be nil")
			}
			return
		}
	}
	w.expr(x)
}

// deferred looks at a defer statement: at its operands now, and at its call, which
// runs at the end of the function, where that is before the call that the walk is about.
func (w *walker) deferred(s *ast.DeferStmt) {
	switch {
	case w.around != nil:
		w.operands(s)
		return
	case w.frame == nil:
		w.scoped(func() { w.call(s.Call) })
		return
	}
	w.atSite[s], w.framesAt[s] = w.facts, w.frames
	first := s == w.site.Stmt
	if !first {
		w.operands(s)
	}
	for _, site := range w.frame.Sites {
		if site.Stmt == s && !site.Dead && w.runsBefore(site) {
			w.deferredCall(s.Call)
		}
	}
	if first {
		w.walkPast(s.Call)
	}
}

// runsBefore reports whether the call of site may run while that is pending which the walk is
// about. From the first site on, that is any call but the one that runs last.
func (w *walker) runsBefore(site *analysis.Site) bool {
	if w.site == w.frame.Sites[0] {
		return site != w.site || site.Cycle >= 0
	}
	return site.Before.May.Has(w.site.Index)
}

// deferredCall looks at a call that runs at the end of the function. What may panic
// in it is told only where nothing else may: a reader looks at the body first.
func (w *walker) deferredCall(call *ast.CallExpr) {
	first, rare, walked := w.first, w.rare, w.walked
	w.first, w.rare, w.walked = w.atExit, nil, maps.Clone(walked) // the body may call the same literals
	w.scoped(func() { w.call(call) })
	w.atExit = cmp.Or(w.first, w.rare)
	w.first, w.rare, w.walked = first, rare, walked
}

// walkPast learns from the operands of the first site. If they panic, nothing is
// pending.
func (w *walker) walkPast(call *ast.CallExpr) {
	idle := w.idle
	w.idle = true
	w.exprs(call.Args)
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		w.address(sel.X)
		if s := w.info.Selections[sel]; s != nil {
			w.through(sel, s)
		}
	}
	w.idle = idle
}

// operands looks at what a site evaluates.
func (w *walker) operands(d *ast.DeferStmt) {
	sel, ok := ast.Unparen(d.Call.Fun).(*ast.SelectorExpr)
	if !ok {
		w.expr(d.Call.Fun)
	} else if s := w.info.Selections[sel]; s != nil {
		if types.IsInterface(s.Recv()) {
			w.may(d, "the receiver of a deferred call may be nil")
		}
		w.address(sel.X)
	}
	w.exprs(d.Call.Args)
}

// start looks at a go statement. What the goroutine does is its own affair.
func (w *walker) start(s *ast.GoStmt) {
	w.exprs(s.Call.Args)
	switch fun := ast.Unparen(s.Call.Fun).(type) {
	case *ast.FuncLit:
		w.expr(fun)
		return
	case *ast.Ident:
		if _, ok := w.info.Uses[fun].(*types.Func); ok {
			return
		}
	case *ast.SelectorExpr:
		fn, ok := w.info.Uses[fun.Sel].(*types.Func)
		sel := w.info.Selections[fun]
		switch {
		case ok && sel == nil:
			return
		case ok && sel.Kind() == types.MethodVal && !types.IsInterface(fn.Signature().Recv().Type()):
			w.receiver(fun, sel, fn)
			return
		}
	}
	w.may(s, "a go statement may panic: the function may be nil")
}

func (w *walker) ifStmt(s *ast.IfStmt) {
	w.stmt(s.Init)
	w.expr(s.Cond)
	w.given(s.Cond, true, func() { w.opened(s.Body.List, s, true) })
	switch other := s.Else.(type) {
	case nil:
	case *ast.BlockStmt:
		w.given(s.Cond, false, func() { w.opened(other.List, s, false) })
	default:
		w.given(s.Cond, false, func() { w.stmt(other) })
	}
	if leaves(s.Body) && !w.gotos() {
		w.assume(s.Cond, false)
	}
}

func (w *walker) forStmt(s *ast.ForStmt) {
	w.stmt(s.Init)
	if s.Cond != nil {
		w.expr(s.Cond)
	}
	w.given(s.Cond, true, func() {
		w.counterIndex(s)
		w.list(s.Body.List)
	})
	w.scoped(func() { w.stmt(s.Post) })
}

func (w *walker) rangeStmt(s *ast.RangeStmt) {
	if analysis.IsRangeFunc(w.info, s) {
		w.may(s, "a range-over-func loop calls a function")
	}
	switch analysis.Under(w.info.TypeOf(s.X)).(type) {
	case *types.Pointer:
		if s.Value != nil && w.matters(s.X) && !w.isNotNil(s.X) {
			w.may(s, "ranging over a pointer that may be nil")
		}
	case *types.Interface: // of a type parameter
		w.may(s, "ranging over a value of a type parameter may panic")
	}
	if mayStay(w.info, s) {
		w.scoped(func() { w.expr(s.X) })
	} else {
		w.expr(s.X)
	}
	w.scoped(func() {
		if s.Tok == token.ASSIGN {
			w.target(s.Key)
			if s.Value != nil {
				w.target(s.Value)
			}
		}
		w.shared(s)
		w.rangeIndex(s)
		w.opened(s.Body.List, s, false)
	})
}

// mayStay reports whether a loop may leave its range expression without evaluating it:
// where only the length counts, and that is constant (spec, "For statements with range
// clause"). Then
//
//	for range p.array {
//
// says nothing of p.
func mayStay(info *types.Info, s *ast.RangeStmt) bool {
	if id, blank := s.Value.(*ast.Ident); s.Value != nil && !(blank && id.Name == "_") {
		return false
	}
	t := analysis.Under(info.TypeOf(s.X))
	if p, ok := t.(*types.Pointer); ok {
		t = analysis.Under(p.Elem())
	}
	_, array := t.(*types.Array)
	return array
}

// shared notes the variables that all iterations of s share (until go 1.21). What is
// known of them holds in one iteration.
func (w *walker) shared(s *ast.RangeStmt) {
	if w.file.GoAtLeast("go1.22") {
		return
	}
	for _, x := range []ast.Expr{s.Key, s.Value} {
		if x != nil && s.Tok == token.DEFINE {
			w.perLoop[w.variable(x)] = true
		}
	}
}

func (w *walker) switchStmt(s *ast.SwitchStmt) {
	w.stmt(s.Init)
	if s.Tag != nil {
		w.expr(s.Tag)
		if !comparable(w.info, s.Tag) {
			w.may(s.Tag, "comparing with the cases of a switch may panic")
		}
	}
	w.clauses(s.Body)
}

func (w *walker) typeSwitch(s *ast.TypeSwitchStmt) {
	w.stmt(s.Init)
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		w.expr(a.Rhs[0].(*ast.TypeAssertExpr).X)
	case *ast.ExprStmt:
		w.expr(a.X.(*ast.TypeAssertExpr).X)
	}
	w.clauses(s.Body)
}

func (w *walker) clauses(body *ast.BlockStmt) {
	for _, c := range body.List {
		w.scoped(func() {
			switch c := c.(type) {
			case *ast.CaseClause:
				w.exprs(c.List)
				w.list(c.Body)
			case *ast.CommClause:
				w.stmt(c.Comm)
				w.list(c.Body)
			}
		})
	}
}
