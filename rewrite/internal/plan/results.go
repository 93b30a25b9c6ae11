package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Set says what becomes of the operands of a return statement whose exit has
// calls pending.
type Set struct {
	How   How
	Pairs []Pair   // Assign: what is left after x = x is dropped
	Bare  bool     // Assign: the return statement loses its operands
	Temps []string // Store: a name for each operand, or each result of the one call; "" for one that stays
	Reuse bool     // Store: in variables that the function has no other use for any more
	Block bool     // the statements go into a block of their own

	Dropped []ast.Expr // assigned to blanks, before the chain: the return statement goes
}

// How a return statement is lowered.
type How int

const (
	Stay   How = iota // the operands are evaluated behind the chain
	Assign            // to the results, before the chain
	Store             // to other variables, before the chain
	Drop              // nowhere: the chain ends in a panic
)

// A Pair assigns an operand to a result.
type Pair struct {
	Result int
	Value  ast.Expr
}

// decideResults settles, for each exit, how its operands reach the caller.
//
// "return f()" sets the results before the chain runs (spec, "Defer
// statements"). That can be seen only where a deferred call reads or writes
// the results, or recovers so that they are returned as they stand. Elsewhere
// the operands just have to be evaluated before the chain.
func (f *Func) decideResults() {
	res := f.Sig.Results()
	named := false
	for i := range res.Len() {
		v := res.At(i)
		named = named || v.Name() != ""
		f.Results = append(f.Results, Result{Name: v.Name(), Var: v})
	}
	f.avoidTypes()
	set := false // the results of some exit are set before the chain
	var exits []*Exit
	for _, e := range f.Exits {
		if !e.Plain && e.Return != nil && res.Len() > 0 && len(e.Return.Results) > 0 {
			exits = append(exits, e)
			set = set || f.setFirst(e)
		}
	}
	if res.Len() > 0 && (f.Tail != nil || len(exits) > 0 && set) {
		f.nameResults()
		named = true
	}
	for _, e := range exits {
		f.exit = e
		e.Set = f.set(e, f.setFirst(e), named)
	}
	f.exit = nil
	for _, e := range f.Exits {
		if e.Return != nil && !e.Plain && (e.Set == nil || e.Set.How == Assign) {
			f.unhide(e.Return)
		}
	}
}

// setFirst reports whether the results have to be set before the chain runs at e.
func (f *Func) setFirst(e *Exit) bool {
	return f.Tail != nil || f.mayStand(e) || f.resultsVisible(e)
}

// mayStand reports whether the results may be returned as they stand: what is
// called at e panics, and an older entry recovers.
func (f *Func) mayStand(e *Exit) bool {
	for _, r := range f.Sites {
		if r.Recovers.How == analysis.Never || f.Unwinds == nil || !e.Active.May.Has(r.Index) {
			continue
		}
		for _, s := range f.Sites {
			if e.Runs.Has(s.Index) && s.Order > r.Order && !f.neverPanics(s) {
				return true
			}
		}
	}
	return false
}

// avoidTypes gives another name to a result that a type hides where something
// has to be assigned to it. What else hides a result is renamed itself
// (unhide), but the name of a type can be seen when a program runs.
func (f *Func) avoidTypes() {
	for _, e := range f.Exits {
		if e.Plain || e.Return == nil {
			continue
		}
		innermost := f.fn.Innermost(e.Return.Pos())
		for i := range f.Results {
			r := &f.Results[i]
			if r.Name == "" || r.Name == "_" || r.Renamed {
				continue
			}
			if _, isType := f.hiding(innermost, r.Var, e.Return.Pos()).(*types.TypeName); isType {
				r.Name, r.Renamed = f.Unit.Names.Fresh(r.Name), true
				f.Renames[r.Var] = r.Name
			}
		}
	}
}

// hiding returns what hides v in scope at pos, or nil; a type if there is one.
func (f *Func) hiding(scope *types.Scope, v *types.Var, pos token.Pos) (found types.Object) {
	for s := scope; s != nil && s != f.fn; s = s.Parent() {
		obj := s.Lookup(v.Name())
		if obj == nil || obj.Pos() > pos {
			continue
		}
		if _, isType := obj.(*types.TypeName); isType || found == nil {
			found = obj
		}
	}
	return found
}

// resultsVisible reports whether an entry that is pending at e may see a
// result. Where a panic may run it, too, that is one that sees them.
func (f *Func) resultsVisible(e *Exit) bool {
	for _, r := range f.Results {
		silent := func(l *ast.FuncLit) bool {
			return f.silent(l, e, r.Var) && (f.Unwinds == nil || e.remains[f.deferring(l)] == nil)
		}
		if r.Name != "" && r.Name != "_" && f.Unit.Vars.Visible(r.Var, silent) {
			return true
		}
	}
	return false
}

// silent reports whether lit, if f defers it, neither reads nor writes v at e:
// it is not pending there, or what is left of it does not mention v.
func (f *Func) silent(lit *ast.FuncLit, e *Exit, v *types.Var) bool {
	s := f.deferring(lit)
	switch {
	case s == nil:
		return false
	case !e.Active.May.Has(s.Index), s.Silent: // see mayStand
		return true
	case e.remains[s] == nil || !s.inline && !e.remains[s].Nothing():
		return false
	}
	mentioned := false
	for _, n := range e.remains[s].kept {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			mentioned = mentioned || ok && f.info.Uses[id] == v
			return !mentioned
		})
	}
	return !mentioned
}

func (f *Func) set(e *Exit, must, named bool) *Set {
	ret := e.Return
	if !must {
		if f.allSimple(ret.Results) {
			return &Set{How: Stay}
		}
		if (!named || !f.resultsReachable(ret)) && !f.anyContextual(ret.Results) && !f.anyConverted(ret.Results) {
			return f.store(ret, named)
		}
	}
	f.nameResults()
	s := &Set{How: Assign, Bare: true}
	if len(ret.Results) != len(f.Results) { // return f() with several results
		s.Pairs = []Pair{{-1, ret.Results[0]}}
		return s
	}
	for i, x := range ret.Results {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok && f.info.Uses[id] == f.Results[i].Var {
			continue
		}
		if f.Results[i].fresh && f.isZero(x, f.Results[i].Var.Type()) {
			continue
		}
		if e.known[f.Results[i].Var] && f.info.Types[x].IsNil() { // it is nil already
			continue
		}
		s.Pairs = append(s.Pairs, Pair{i, x})
	}
	s.Bare = len(s.Pairs) > 0 || f.Tail != nil || !f.allSimple(ret.Results) || slices.ContainsFunc(f.Results, func(r Result) bool { return !f.settled(r.Var) })
	return s
}

// settled reports whether no entry changes v at the exit that is being planned.
func (f *Func) settled(v *types.Var) bool {
	return f.Unit.Vars.OnlyBody(v, f.Node, func(l *ast.FuncLit) bool { return f.exit != nil && f.silent(l, f.exit, v) })
}

// resultHints names the i-th result as people would, after its type.
func (f *Func) resultHints(i int) []string {
	r := f.Results[i]
	switch {
	case r.Name != "" && r.Name != "_":
		return []string{r.Name}
	case isError(r.Var.Type()):
		return []string{"err", "retErr"}
	case types.Identical(r.Var.Type(), types.Typ[types.Bool]) && i > 0:
		return []string{"ok"}
	}
	return []string{typeHint(r.Var.Type()), "result"}
}

// nameResults gives a name to each result that has none or is blank.
func (f *Func) nameResults() {
	var said *Names
	for i := range f.Results {
		r := &f.Results[i]
		if r.Name != "" && r.Name != "_" {
			continue
		}
		if said == nil {
			said = f.Unit.Names.inside(f.Node)
		}
		r.Name = f.Unit.Names.Local(func(name string) bool { return !said.used[name] }, f.resultHints(i)...)
		r.Renamed, r.fresh = true, true
		said.used[r.Name] = true
	}
}

// store plans variables for what a return statement returns that has no name.
func (f *Func) store(ret *ast.ReturnStmt, named bool) *Set {
	s := &Set{How: Store, Block: f.HasGoto, Reuse: true}
	spread := len(ret.Results) != len(f.Results)
	r := &returning{f: f, ret: ret, apart: s.Block, anywhere: named || !s.Block && !endsList(f.Body, ret), said: map[string]bool{}}
	for _, site := range f.Sites {
		r.says(site.Stmt.Call)
	}
	stays := func(i int) bool { return !spread && f.simple(ret.Results[i]) }
	for i := range f.Results {
		if stays(i) {
			r.says(ret.Results[i])
		}
	}
	for i := range f.Results {
		name := ""
		if !stays(i) {
			hints := f.resultHints(i)
			if !spread && f.Results[i].Name == "" {
				hints = append(f.fieldHint(ret.Results[i], f.Results[i].Var.Type()), hints...)
			}
			var reused bool
			name, reused = r.name(i, hints)
			s.Reuse = s.Reuse && reused
		}
		s.Temps = append(s.Temps, name)
	}
	return s
}

// endsList reports whether ret is the last statement of its list.
func endsList(body *ast.BlockStmt, ret *ast.ReturnStmt) (ends bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		ends = ends || len(list) > 0 && list[len(list)-1] == ret
		return !ends
	})
	return ends
}

// fieldHint names the value of a field after it.
func (f *Func) fieldHint(x ast.Expr, t types.Type) []string {
	x = ast.Unparen(x)
	if u, ok := x.(*ast.UnaryExpr); ok && u.Op == token.AND {
		x = ast.Unparen(u.X)
	}
	if sel, ok := x.(*ast.SelectorExpr); ok && f.info.Selections[sel] != nil && !isError(t) {
		return []string{lowerFirst(sel.Sel.Name)}
	}
	return nil
}

// returning names what a return statement returns. Behind it nothing in the
// function is needed any more but by the calls that are pending, so the names
// may mean something else further out:
//
//	if err := check(x); err != nil {
//		err := fmt.Errorf("check: %w", err)
//		mu.Unlock()
//		return err
//	}
//
// A variable that nothing else has a use for takes the value itself: above,
// err = fmt.Errorf(...).
type returning struct {
	f        *Func
	ret      *ast.ReturnStmt
	apart    bool            // the statements go into a block of their own
	anywhere bool            // the names have to be new in the whole declaration
	said     map[string]bool // names that have to go on meaning what they do
}

// says notes the names in n.
func (r *returning) says(n ast.Node) {
	r.f.eachName(n, func(id *ast.Ident) { r.said[id.Name] = true })
}

// name returns the name of a variable for the i-th result. Reused is one that is
// there already.
func (r *returning) name(i int, hints []string) (name string, reused bool) {
	if r.anywhere {
		return r.f.Unit.Names.Fresh(hints[0]), false
	}
	defer func() { r.said[name] = true }()
	for _, hint := range hints {
		if r.mayReuse(hint, i) {
			return hint, true
		}
	}
	return r.f.Unit.Names.Local(r.free, hints...), false
}

// free reports whether a new variable may have a name.
func (r *returning) free(name string) bool {
	scope := r.f.fn.Innermost(r.ret.Pos())
	_, obj := scope.LookupParent(name, r.ret.Pos())
	_, isVar := obj.(*types.Var)
	return !r.said[name] && (obj == nil || isVar) && (r.apart || scope.Lookup(name) == nil)
}

// mayReuse reports whether nothing has a use any more for the variable of that
// name, and the i-th result may be assigned to it.
func (r *returning) mayReuse(name string, i int) bool {
	_, obj := r.f.fn.Innermost(r.ret.Pos()).LookupParent(name, r.ret.Pos())
	v, ok := obj.(*types.Var)
	return ok && !r.said[name] && types.Identical(v.Type(), r.f.Results[i].Var.Type()) && r.f.Unit.Vars.OnlyIn(v, r.f.Node)
}

// isZero reports whether x, returned as a t, is the zero value of t, written
// as one.
func (f *Func) isZero(x ast.Expr, t types.Type) bool {
	tv := f.info.Types[x]
	if tv.IsNil() {
		return true
	}
	if tv.Value == nil {
		return false
	}
	if types.IsInterface(t) { // a type parameter is one here, too
		return false
	}
	switch tv.Value.Kind() {
	case constant.Bool:
		return !constant.BoolVal(tv.Value)
	case constant.String:
		return constant.StringVal(tv.Value) == ""
	case constant.Int, constant.Float:
		return constant.Sign(tv.Value) == 0
	}
	return false
}

// resultsReachable reports whether all results have names that mean them at ret.
func (f *Func) resultsReachable(ret *ast.ReturnStmt) bool {
	for _, r := range f.Results {
		if r.Name == "" || r.Name == "_" || !r.Renamed && !f.visible(r.Var, r.Name, nil, ret.Pos()) {
			return false
		}
	}
	return true
}

// unhide renames whatever hides a result at ret, in each scope between.
func (f *Func) unhide(ret *ast.ReturnStmt) {
	innermost := f.fn.Innermost(ret.Pos())
	for _, r := range f.Results {
		if r.Renamed || r.Name == "" || r.Name == "_" {
			continue
		}
		for s := innermost; s != nil && s != f.fn; s = s.Parent() {
			obj := s.Lookup(r.Name)
			if obj == nil || obj.Pos() > ret.Pos() || f.Renames[obj] != "" {
				continue
			}
			f.Renames[obj] = f.Unit.Names.Fresh(r.Name)
		}
	}
}

func (f *Func) allSimple(list []ast.Expr) bool {
	for _, x := range list {
		if !f.simple(x) {
			return false
		}
	}
	return true
}

func (f *Func) anyContextual(list []ast.Expr) bool {
	for _, x := range list {
		if f.contextual(x) && !f.simple(x) {
			return true
		}
	}
	return false
}

// anyConverted reports whether the conversion of an operand to the interface
// that its result is decides about the order, as for box.
func (f *Func) anyConverted(list []ast.Expr) bool {
	for i, x := range list[:len(list)-1] {
		if types.IsInterface(f.Results[i].Var.Type()) && !types.IsInterface(f.info.TypeOf(x)) &&
			!f.simple(x) && f.convertedFirst(x) && slices.ContainsFunc(list[i+1:], hasCall) {
			return true
		}
	}
	return false
}

// simple reports whether x has the same value behind the chain as before it,
// and evaluating it does nothing and cannot fail.
func (f *Func) simple(x ast.Expr) bool {
	tv := f.info.Types[x]
	if tv.Value != nil || tv.IsNil() || tv.IsType() {
		return true
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return f.simple(x.X)
	case *ast.FuncLit:
		return true
	case *ast.Ident:
		switch obj := f.info.Uses[x].(type) {
		case *types.Func:
			return true
		case *types.Var:
			return f.settled(obj) || f.opts.Globals.Fixed(obj)
		}
	case *ast.SelectorExpr:
		s := f.info.Selections[x]
		return s != nil && s.Kind() == types.FieldVal && !s.Indirect() && f.simple(x.X)
	case *ast.CompositeLit:
		if _, ok := analysis.Under(tv.Type).(*types.Map); ok {
			return false
		}
		return f.simpleElements(x.Elts)
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(x.X).(*ast.CompositeLit)
		return (x.Op == token.AND && lit || x.Op == token.NOT || x.Op == token.SUB || x.Op == token.ADD || x.Op == token.XOR) && f.simple(x.X)
	case *ast.BinaryExpr:
		return f.total(x) && f.simple(x.X) && f.simple(x.Y)
	case *ast.CallExpr: // the length of a map or channel may change
		name := analysis.BuiltinName(f.info, x)
		if name != "len" && name != "cap" {
			return false
		}
		switch analysis.Under(f.info.TypeOf(x.Args[0])).(type) {
		case *types.Slice, *types.Array, *types.Basic:
			return f.simple(x.Args[0])
		}
	}
	return false
}

func (f *Func) simpleElements(elts []ast.Expr) bool {
	for _, e := range elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		if !f.simple(e) {
			return false
		}
	}
	return true
}

// total reports whether a binary operation cannot panic.
func (f *Func) total(x *ast.BinaryExpr) bool {
	switch x.Op {
	case token.QUO, token.REM, token.SHL, token.SHR:
		return false
	}
	for _, y := range []ast.Expr{x.X, x.Y} {
		switch analysis.Under(f.info.TypeOf(y)).(type) {
		case *types.Basic, *types.Pointer, *types.Chan:
		default:
			return false
		}
	}
	return true
}

// contextual reports whether "v := x" would give v another type than x has
// where it stands.
func (f *Func) contextual(x ast.Expr) bool {
	t := f.info.TypeOf(x)
	switch x := x.(type) {
	case *ast.ParenExpr:
		return f.contextual(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return t != types.Typ[types.Bool]
		}
		return x.Op != token.AND && x.Op != token.ARROW && f.contextual(x.X)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.SHL, token.SHR:
			return f.info.Types[x.X].Value != nil && t != types.Typ[types.Int]
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ, token.LAND, token.LOR:
			return t != types.Typ[types.Bool]
		}
		return f.contextual(x.X) || f.contextual(x.Y)
	}
	return false
}
