package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// exit lowers a return statement with calls pending.
func (f *function) exit(ret *dst.ReturnStmt, e *plan.Exit) []dst.Stmt {
	o := Origin{Func: f.Func, Exit: e}
	f.decl.from[ret] = o
	if e.Plain {
		return []dst.Stmt{ret}
	}
	var t template
	about := takeDirectives(ret)
	block := f.setResults(&t, ret, e)
	list := f.parse(&t, o)
	operands := dst.Stmt(ret) // holds them
	if len(list) > 0 {
		operands = list[0]
	}
	if f.Tail != nil {
		list = append(list, f.mark(statement("goto %s", f.Tail.Label), o)...)
	} else {
		chain, ends := f.chain(e.Runs, e.Active, e)
		list = append(list, chain...)
		if !ends {
			list = append(list, ret)
		}
	}
	list = f.finish(ret, list, e.Pos, map[dst.Node]bool{})
	about.give(operands)
	if block {
		inner := &dst.BlockStmt{List: list}
		inner.Decs.Before, list[0].Decorations().Before = list[0].Decorations().Before, dst.NewLine
		list = f.created([]dst.Stmt{inner}, e.Pos)
	}
	return list
}

// setResults writes what happens before the chain to the operands of ret, and
// leaves in ret what is to be returned behind it.
func (f *function) setResults(t *template, ret *dst.ReturnStmt, e *plan.Exit) (block bool) {
	if e.Set == nil {
		return false
	}
	switch e.Set.How {
	case plan.Assign:
		f.assignResults(t, e.Set)
		if e.Set.Bare {
			ret.Results = nil
		}
	case plan.Store:
		f.storeResults(t, ret, e.Set)
		block = e.Set.Block
	}
	f.dropResults(t, ret, e.Set)
	return block
}

func (f *function) assignResults(t *template, set *plan.Set) {
	if len(set.Pairs) == 0 {
		return
	}
	var names, values []string
	for _, p := range set.Pairs {
		if p.Result >= 0 {
			names = append(names, f.Results[p.Result].Name)
		}
		values = append(values, t.expr(f.expr(p.Value)))
	}
	if set.Pairs[0].Result < 0 {
		for _, r := range f.Results {
			names = append(names, r.Name)
		}
	}
	t.add("%s = %s", strings.Join(names, ", "), strings.Join(values, ", "))
}

func (f *function) storeResults(t *template, ret *dst.ReturnStmt, set *plan.Set) {
	var names, values []string
	if len(ret.Results) != len(set.Temps) {
		names = set.Temps
		values = append(values, t.expr(ret.Results[0]))
		ret.Results = nil
		for _, name := range set.Temps {
			ret.Results = append(ret.Results, dst.NewIdent(name))
		}
	} else {
		for i, name := range set.Temps {
			if name != "" {
				names = append(names, name)
				values = append(values, t.expr(ret.Results[i]))
				ret.Results[i] = dst.NewIdent(name)
			}
		}
	}
	op := ":="
	if set.Reuse {
		op = "="
	}
	t.add("%s %s %s", strings.Join(names, ", "), op, strings.Join(values, ", "))
}

// dropResults evaluates the operands of a return statement that goes.
func (f *function) dropResults(t *template, ret *dst.ReturnStmt, set *plan.Set) {
	var values []string
	n := 0
	for _, x := range set.Dropped {
		values = append(values, t.expr(f.expr(x)))
		n++
		if f.isTuple(x) {
			n = f.tupleLen(x)
		}
	}
	if n > 0 {
		t.add("%s = %s", blanks(n), strings.Join(values, ", "))
	}
}

// end adds the chain that runs at the closing brace, or the tail that exits
// share, to the statements of the body.
func (f *function) end(e *plan.Exit, rest []dst.Stmt) []dst.Stmt {
	if f.Tail == nil {
		if e == nil || e.Plain {
			return rest
		}
		chain, _ := f.chain(e.Runs, e.Active, e)
		moveLastComments(rest, chain)
		return append(rest, f.created(chain, e.Pos)...)
	}
	if e != nil && e.Plain {
		rest = append(rest, f.created(statement("return"), e.Pos)...)
	}
	rest = f.fallIntoTail(rest)
	if f.Tail.Block {
		block := &dst.BlockStmt{List: rest}
		block.Decs.Before = dst.NewLine
		f.settle(block, &block.List)
		block.List = f.merge(block.List)
		rest = []dst.Stmt{block}
	}
	list, ends := f.chain(f.Tail.Runs, f.Tail.Active, nil)
	shared := Origin{Tail: true}
	moveLastComments(rest, list)
	if !ends && f.HasResults() {
		list = append(list, f.mark(statement("return"), shared)...)
	}
	label := &dst.LabeledStmt{Label: dst.NewIdent(f.Tail.Label), Stmt: list[0]}
	label.Decs.Before = dst.NewLine
	list[0] = label
	f.mark(list[:1], shared)
	return append(rest, f.created(list, f.Body.Rbrace)...)
}

// fallIntoTail drops a goto to the tail that stands right before it.
func (f *function) fallIntoTail(list []dst.Stmt) []dst.Stmt {
	last := len(list) - 1
	if last < 1 {
		return list
	}
	b, ok := list[last].(*dst.BranchStmt)
	if !ok || b.Tok != token.GOTO || b.Label.Name != f.Tail.Label || f.Tail.Exits == 1 {
		return list
	}
	if before := list[last-1]; len(b.Decs.Start) == 0 && len(b.Decs.End) == 0 {
		before.Decorations().After = dst.NewLine
		return list[:last]
	}
	return list
}

// chain writes the calls of runs at an exit with the given active set, newest
// first. ends reports that the last of them panics for certain.
func (f *function) chain(runs analysis.Bits, at analysis.Active, e *plan.Exit) (list []dst.Stmt, ends bool) {
	left := analysis.Active{May: at.May.Clone(), Must: at.Must.Clone()}
	last := f.EndsAt(runs, at)
	for _, l := range f.Chain {
		var t template
		o := Origin{Site: l.Site, Exit: e, Tail: e == nil}
		if l.Records != nil && len(l.Records.Sites) == 1 {
			o.Site = l.Records.Sites[0]
		}
		t.as(o)
		done := func() { list = append(list, f.parse(&t, o)...) }
		if l.Records != nil {
			if f.anyPending(l.Records, runs) {
				f.popAll(&t, f.store(l.Records))
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
			f.clearBit(&t, s, left)
			done()
			continue
		}
		if at.Must.Has(s.Index) {
			f.clearForCall(&t, s, left)
			call := f.callStmt(&t, s, e, f.plainCall(s))
			stays := s.Callee.Builtin == "panic" && (s != last || e != nil && e.Stays)
			if stays {
				// Nothing of the rest runs, but what it mentions has to stay in use.
				call = fmt.Sprintf("if %s {\n%s\n}", f.Words.True, call)
			}
			t.add("%s", call)
			done()
			if s == last {
				return list, !stays
			}
			continue
		}
		f.callIf(&t, s, e, left)
		done()
	}
	return list, false
}

// callIf writes the call of s under the test of its bit.
func (f *function) callIf(t *template, s *plan.Site, e *plan.Exit, left analysis.Active) {
	if s.Call.Inline {
		body := f.inlined(s, e)
		only, ok := &dst.IfStmt{}, false
		if len(body) == 1 {
			only, ok = body[0].(*dst.IfStmt)
		}
		if ok && only.Init == nil && only.Else == nil {
			if b, ok := only.Cond.(*dst.BinaryExpr); ok && b.Op == token.LOR {
				only.Cond = &dst.ParenExpr{X: only.Cond}
			}
			only.Cond = &dst.BinaryExpr{X: statement("_ = %s", f.test(s))[0].(*dst.AssignStmt).Rhs[0], Op: token.LAND, Y: only.Cond}
			t.add("%s", t.stmts(body))
			return
		}
	}
	t.add("if %s {", f.test(s))
	f.clearForCall(t, s, left)
	t.add("%s\n}", f.callStmt(t, s, e, f.plainCall(s)))
}

func (f *function) anyPending(r *plan.Records, runs analysis.Bits) bool {
	for _, s := range r.Sites {
		if runs.Has(s.Index) {
			return true
		}
	}
	return false
}

// test writes the condition that the entry of s is pending.
func (f *function) test(s *plan.Site) string {
	if s.ByFunc {
		return s.Call.FuncName() + " != nil"
	}
	if f.Mask.Bool {
		return f.maskName(s)
	}
	return fmt.Sprintf("%s&%s != 0", f.maskName(s), paren(f.bit(s)))
}

func paren(bit string) string {
	if strings.Contains(bit, "<") {
		return "(" + bit + ")"
	}
	return bit
}

// clearForCall notes, for the guard, that the entry of s is done, where its call
// follows. left is what is pending behind it. A literal that is its own guard
// notes that itself.
func (f *function) clearForCall(t *template, s *plan.Site, left analysis.Active) {
	if !s.Own {
		f.clearBit(t, s, left)
	}
}

// clearBit notes, for the guard, that the entry of s is done.
func (f *function) clearBit(t *template, s *plan.Site, left analysis.Active) {
	if s.Guard == nil && !s.Own || s.Bit < 0 && !s.ByFunc { // nobody asks again
		return
	}
	if s.ByFunc {
		t.add("%s = nil", s.Call.FuncName())
		return
	}
	switch value, known := f.known(s, left); {
	case f.Mask.Bool:
		t.add("%s = %s", f.maskName(s), f.Words.False)
	case known:
		t.add("%s = %s", f.maskName(s), value)
	default:
		t.add("%s &^= %s", f.maskName(s), f.bit(s))
	}
}

// callStmt writes a call as a statement. vet does not like it when the result
// of some functions is not used, which it does not mind behind defer. e is the
// exit at which it runs; nil for a guard and for a tail.
func (f *function) callStmt(t *template, s *plan.Site, e *plan.Exit, call *dst.CallExpr) string {
	if s.Call.Inline {
		list := f.inlined(s, e)
		if len(list) > 0 {
			f.written[s] = append(f.written[s], placed{list[0], len(list) > 1})
		}
		return t.stmts(list)
	}
	if s.Call.Thunk == nil && s.Callee.Func != nil && pure(s.Callee.Func) {
		return "_ = " + t.call(call)
	}
	f.written[s] = append(f.written[s], placed{call, false})
	return t.call(call)
}

// inlined returns a copy of what the deferred literal of s does at e, as a block
// where it declares something.
func (f *function) inlined(s *plan.Site, e *plan.Exit) []dst.Stmt {
	var r *plan.Remains
	if e != nil {
		r = e.Remains(s)
	}
	block := f.decl.again(f.nodes[s.Callee.Lit.Body]).(*dst.BlockStmt)
	if r != nil {
		block.List = nil
		for _, p := range r.Pieces {
			block.List = append(block.List, f.piece(p))
		}
	}
	for _, st := range block.List {
		as, ok := st.(*dst.AssignStmt)
		if _, isDecl := st.(*dst.DeclStmt); isDecl || ok && as.Tok == token.DEFINE {
			return []dst.Stmt{block}
		}
	}
	if len(block.List) > 0 {
		block.List[0].Decorations().Start.Prepend(ownLines(block.Decs.Lbrace)...)
	}
	return block.List
}

// piece returns a copy of what is left of a statement.
func (f *function) piece(p plan.Piece) dst.Stmt {
	st := f.decl.again(f.nodes[p.Stmt]).(dst.Stmt)
	switch x := st.(type) {
	case *dst.IfStmt:
		switch {
		case p.Init != nil:
			call := &dst.ExprStmt{X: clone(f.expr(p.Init))}
			call.Decs.NodeDecs = x.Decs.NodeDecs
			f.decl.origin[call] = f.decl.Pos(x)
			st = call
		case p.Conds != nil:
			x.Cond = clone(f.expr(p.Conds[0]))
			for _, c := range p.Conds[1:] {
				x.Cond = &dst.BinaryExpr{X: x.Cond, Op: token.LAND, Y: clone(f.expr(c))}
			}
		}
	}
	if p.Above != nil {
		above, dec := f.nodes[p.Above].(*dst.IfStmt), st.Decorations()
		dec.Start.Prepend(slices.Concat(above.Decs.Start, ownLines(above.Body.Decs.Lbrace))...)
		dec.Before = above.Decs.Before
	}
	return st
}

// pure reports whether vet's analyzer unusedresult knows fn.
func pure(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Results().Len() != 1 {
		return false
	}
	if sig.Recv() != nil {
		return (fn.Name() == "String" || fn.Name() == "Error") && sig.Params().Len() == 0 &&
			types.Identical(sig.Results().At(0).Type(), types.Typ[types.String])
	}
	if fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "context.WithValue", "errors.New", "fmt.Append", "fmt.Appendf", "fmt.Appendln", "fmt.Errorf",
		"fmt.Sprint", "fmt.Sprintf", "fmt.Sprintln", "sort.Reverse":
		return true
	}
	switch fn.Pkg().Path() {
	case "maps", "slices":
		return true
	}
	return false
}

// plainCall writes the deferred call as a call.
func (f *function) plainCall(s *plan.Site) *dst.CallExpr { return f.call(s, byName) }

func unparen(x dst.Expr) dst.Expr {
	for {
		p, ok := x.(*dst.ParenExpr)
		if !ok {
			return x
		}
		x = p.X
	}
}

func byName(t *plan.Temp) dst.Expr { return dst.NewIdent(t.Name) }

// call writes the deferred call; ref says how to write a saved operand.
func (f *function) call(s *plan.Site, ref func(*plan.Temp) dst.Expr) *dst.CallExpr {
	if thunk := s.Call.Thunk; thunk != nil {
		return &dst.CallExpr{Fun: ref(thunk)}
	}
	return f.inner(s, ref)
}

// inner is call for the inside of a thunk.
func (f *function) inner(s *plan.Site, ref func(*plan.Temp) dst.Expr) *dst.CallExpr {
	c, orig := s.Call, f.nodes[s.Stmt.Call].(*dst.CallExpr)
	call := &dst.CallExpr{Ellipsis: orig.Ellipsis}
	f.about[s].give(call)
	switch {
	case c.Lift != nil:
		call.Fun = dst.NewIdent(c.Lift.Name)
	case c.Fun != nil:
		call.Fun = ref(c.Fun)
	case c.Recv != nil:
		call.Fun = &dst.SelectorExpr{X: ref(c.Recv), Sel: dst.NewIdent(s.Callee.Sel.Sel.Name)}
	default:
		// Not f.expr(s.Callee.Fun): addParams may have changed it.
		call.Fun = clone(unparen(orig.Fun))
	}
	if c.Lift != nil {
		for _, v := range c.Lift.Vars {
			if v.Again {
				call.Args = append(call.Args, dst.NewIdent(s.Records.Iterations.Name))
				continue
			}
			call.Args = append(call.Args, ref(v))
		}
	}
	for _, a := range c.Args {
		var x dst.Expr
		if a.Temp != nil {
			x = ref(a.Temp)
		} else {
			x = f.around(a.Expr, a.Parts, ref)
		}
		call.Args = append(call.Args, x)
	}
	return call
}

// around copies x, and writes what is saved in the place of its parts.
func (f *function) around(x ast.Expr, parts []plan.Part, ref func(*plan.Temp) dst.Expr) dst.Expr {
	saved := map[dst.Node]plan.Part{}
	for _, p := range parts {
		saved[f.nodes[p.Expr]] = p
	}
	at := map[int]plan.Part{} // by the number of the node, which is the same in a copy
	number(f.expr(x), func(n int, c *dstutil.Cursor) bool {
		p, ok := saved[c.Node()]
		if ok {
			at[n] = p
		}
		return !ok
	})
	return number(clone(f.expr(x)), func(n int, c *dstutil.Cursor) bool {
		p, ok := at[n]
		if ok {
			c.Replace(written(p, ref))
		}
		return !ok
	})
}

// number visits the nodes of x, and below a node those for which visit returned true.
func number(x dst.Expr, visit func(int, *dstutil.Cursor) bool) dst.Expr {
	n := -1
	return dstutil.Apply(x, func(c *dstutil.Cursor) bool {
		if c.Node() == nil {
			return false
		}
		n++
		return visit(n, c)
	}, nil).(dst.Expr)
}

func written(p plan.Part, ref func(*plan.Temp) dst.Expr) dst.Expr {
	x := ref(p.Temp)
	switch p.As {
	case plan.Deref:
		return &dst.UnaryExpr{Op: token.AND, X: &dst.StarExpr{X: x}}
	case plan.Whole:
		return &dst.SliceExpr{X: x}
	}
	return x
}

func (f *function) isTuple(x ast.Expr) bool {
	_, ok := f.Unit.Pkg.Info.TypeOf(x).(*types.Tuple)
	return ok
}

func (f *function) tupleLen(x ast.Expr) int {
	return f.Unit.Pkg.Info.TypeOf(x).(*types.Tuple).Len()
}
