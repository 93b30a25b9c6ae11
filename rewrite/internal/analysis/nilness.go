package analysis

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"

	"golang.org/x/tools/go/cfg"
)

// Nilness says which variables are nil (true), and which are not (false).
type Nilness map[*types.Var]bool

// Nilness returns what is known at each exit, before its return statement is
// evaluated: behind
//
//	if err != nil {
//		return 0, err
//	}
//
// err is nil, and inside it is not. It tells only of the variables that tracked
// reports true for: nothing but the statements of f itself changes them.
func (f *Func) Nilness(tracked func(*types.Var) bool) map[*Exit]Nilness {
	n := nilness{Func: f, info: f.Unit.Pkg.Info, tracked: tracked, conds: conditions(f.Body), comms: communications(f.Body)}
	in := make([]Nilness, len(f.graph.Blocks))
	in[0] = n.atStart()
	known := map[token.Pos]Nilness{}
	for again := true; again; {
		again = false
		for _, b := range f.graph.Blocks {
			if in[b.Index] == nil {
				continue
			}
			out := maps.Clone(in[b.Index])
			n.through(b, out, known)
			for i, succ := range b.Succs {
				again = meet(&in[succ.Index], n.along(b, i, out)) || again
			}
		}
	}
	exits := map[*Exit]Nilness{}
	for _, e := range f.Exits {
		exits[e] = known[e.Pos]
	}
	return exits
}

type nilness struct {
	*Func
	info    *types.Info
	tracked func(*types.Var) bool
	conds   map[ast.Node]bool
	comms   map[ast.Node]bool
}

// communications returns the statements of select clauses in body. The graph has all
// of them before its branch, but one is executed: what they assign to is not known
// behind them.
func communications(body *ast.BlockStmt) map[ast.Node]bool {
	comms := map[ast.Node]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CommClause); ok && c.Comm != nil {
			comms[c.Comm] = true
		}
		return true
	})
	return comms
}

// conditions returns the expressions in body that decide about a branch of the graph
// and may compare something with nil.
func conditions(body ast.Node) map[ast.Node]bool {
	conds := map[ast.Node]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			conds[n.Cond] = true
		case *ast.ForStmt:
			conds[n.Cond] = n.Cond != nil
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				for _, x := range c.(*ast.CaseClause).List {
					conds[x] = n.Tag == nil
				}
			}
		}
		return true
	})
	return conds
}

// atStart returns what is known at the start of the body: results are zero.
func (n *nilness) atStart() Nilness {
	k := Nilness{}
	for v := range n.Sig.Results().Variables() {
		if n.tracked(v) && ComparesWithNil(v.Type()) {
			k[v] = true
		}
	}
	return k
}

// meet leaves in at what is known on both ways. It reports whether that changed
// anything.
func meet(at *Nilness, k Nilness) (changed bool) {
	if *at == nil {
		*at = k
		return true
	}
	before := len(*at)
	maps.DeleteFunc(*at, func(v *types.Var, isNil bool) bool {
		other, known := k[v]
		return !known || other != isNil
	})
	return len(*at) != before
}

// through changes k, which holds at the start of b, to what holds at its end.
func (n *nilness) through(b *cfg.Block, k Nilness, known map[token.Pos]Nilness) {
	if loop, ok := b.Stmt.(*ast.RangeStmt); ok && b.Kind == cfg.KindRangeBody {
		for _, x := range []ast.Expr{loop.Key, loop.Value} {
			k.forget(n.info, x)
		}
	}
	for _, node := range b.Nodes {
		switch node := node.(type) {
		case *ast.ReturnStmt:
			known[node.Pos()] = maps.Clone(k)
		case *ast.AssignStmt:
			if !n.comms[node] {
				k.Assign(n.info, node, n.tracked)
				continue
			}
			for _, x := range node.Lhs {
				k.forget(n.info, x)
			}
		case *ast.ValueSpec:
			n.declare(node, k)
		}
	}
}

func (n *nilness) declare(spec *ast.ValueSpec, k Nilness) {
	for i, id := range spec.Names {
		v, ok := n.info.Defs[id].(*types.Var)
		switch {
		case !ok || !n.tracked(v):
		case len(spec.Values) == 0 && ComparesWithNil(v.Type()):
			k[v] = true
		case len(spec.Values) == len(spec.Names):
			k.Set(n.info, v, spec.Values[i])
		default:
			delete(k, v)
		}
	}
}

// along returns what is known on the way from the end of b to its i-th
// successor.
func (n *nilness) along(b *cfg.Block, i int, k Nilness) Nilness {
	k = maps.Clone(k)
	if len(b.Succs) != 2 || len(b.Nodes) == 0 {
		return k
	}
	if cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr); ok && n.conds[cond] {
		k.Learn(n.info, cond, i == 0, n.tracked)
	}
	return k
}

// Assign notes what an assignment does to the variables that tracked reports true
// for.
func (k Nilness) Assign(info *types.Info, s *ast.AssignStmt, tracked func(*types.Var) bool) {
	// All operands are evaluated first.
	before := maps.Clone(k)
	for i, lhs := range s.Lhs {
		id, ok := ast.Unparen(lhs).(*ast.Ident)
		if !ok {
			continue
		}
		v, ok := info.ObjectOf(id).(*types.Var)
		if !ok || !tracked(v) {
			continue
		}
		delete(k, v)
		if len(s.Lhs) != len(s.Rhs) || s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
			continue
		}
		if isNil, known := before.Of(info, s.Rhs[i], v.Type()); known {
			k[v] = isNil
		}
	}
}

// Set notes that x is assigned to v.
func (k Nilness) Set(info *types.Info, v *types.Var, x ast.Expr) {
	isNil, known := k.Of(info, x, v.Type())
	delete(k, v)
	if known {
		k[v] = isNil
	}
}

// forget notes that something is assigned to x.
func (k Nilness) forget(info *types.Info, x ast.Expr) {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return
	}
	if v, isVar := info.ObjectOf(id).(*types.Var); isVar {
		delete(k, v)
	}
}

// Learn notes that cond holds, or that it does not.
func (k Nilness) Learn(info *types.Info, cond ast.Expr, holds bool, tracked func(*types.Var) bool) {
	switch x := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			k.Learn(info, x.X, !holds, tracked)
		}
	case *ast.BinaryExpr:
		if x.Op == token.LAND && holds || x.Op == token.LOR && !holds {
			k.Learn(info, x.X, holds, tracked)
			k.Learn(info, x.Y, holds, tracked)
			return
		}
		if v, equal, ok := comparison(info, x); ok && tracked(v) {
			k[v] = equal == holds
		}
	}
}

// Cond returns the value of cond, where that is known.
func (k Nilness) Cond(info *types.Info, cond ast.Expr) constant.Value {
	unknown := constant.MakeUnknown()
	switch x := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if c := k.Cond(info, x.X); x.Op == token.NOT && c.Kind() == constant.Bool {
			return constant.MakeBool(!constant.BoolVal(c))
		}
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			return k.both(info, x)
		}
		if v, equal, ok := comparison(info, x); ok {
			if isNil, known := k[v]; known {
				return constant.MakeBool(isNil == equal)
			}
		}
	}
	return unknown
}

// both is Cond for x && y and x || y. The value of y decides only where evaluating x
// does nothing.
func (k Nilness) both(info *types.Info, b *ast.BinaryExpr) constant.Value {
	x, y := k.Cond(info, b.X), k.Cond(info, b.Y)
	decides := func(c constant.Value) bool {
		return c.Kind() == constant.Bool && constant.BoolVal(c) == (b.Op == token.LOR)
	}
	_, _, compares := comparison(info, b.X)
	switch {
	case decides(x) || decides(y) && (compares || x.Kind() == constant.Bool):
		return constant.MakeBool(b.Op == token.LOR)
	case x.Kind() == constant.Bool && y.Kind() == constant.Bool:
		return constant.MakeBool(b.Op == token.LAND)
	}
	return constant.MakeUnknown()
}

// comparison returns the variable that x compares with nil, and whether it asks
// for nil.
func comparison(info *types.Info, x ast.Expr) (v *types.Var, equal, ok bool) {
	b, isBinary := ast.Unparen(x).(*ast.BinaryExpr)
	if !isBinary || b.Op != token.EQL && b.Op != token.NEQ {
		return nil, false, false
	}
	left, right := ast.Unparen(b.X), ast.Unparen(b.Y)
	if info.Types[left].IsNil() {
		left, right = right, left
	}
	id, isID := left.(*ast.Ident)
	if !isID || !info.Types[right].IsNil() {
		return nil, false, false
	}
	v, ok = info.Uses[id].(*types.Var)
	return v, b.Op == token.EQL, ok
}

// Of reports whether x, assigned to a variable of type t, is nil there, where
// that is known.
func (k Nilness) Of(info *types.Info, x ast.Expr, t types.Type) (isNil, known bool) {
	tv := info.Types[x]
	if tv.IsNil() {
		return true, true
	}
	if !ComparesWithNil(t) {
		return false, false
	}
	if types.IsInterface(t) && tv.Type != nil && !types.IsInterface(tv.Type) {
		return false, !isTuple(tv.Type)
	}
	if IsTypeParam(tv.Type) { // it may stand for an interface, and for a slice
		return false, false
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		if v, ok := info.Uses[x].(*types.Var); ok {
			isNil, known = k[v]
		}
	case *ast.FuncLit, *ast.CompositeLit:
		return false, true
	case *ast.UnaryExpr:
		return false, x.Op == token.AND
	case *ast.CallExpr:
		return false, neverNil(info, x)
	}
	return isNil, known
}

func isTuple(t types.Type) bool {
	_, ok := t.(*types.Tuple)
	return ok
}

// neverNil reports whether call certainly returns something other than nil:
// errors.New("x").
func neverNil(info *types.Info, call *ast.CallExpr) bool {
	switch BuiltinName(info, call) {
	case "make", "new":
		return true
	}
	c := callee(info, call)
	if c.Kind != Function || c.Func == nil {
		return false
	}
	switch c.Func.FullName() {
	case "errors.New", "fmt.Errorf":
		return true
	}
	return false
}

// ComparesWithNil reports whether nil is the zero value of t.
func ComparesWithNil(t types.Type) bool {
	if IsTypeParam(t) {
		return false
	}
	switch u := Under(t).(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature, *types.Interface:
		return true
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	}
	return false
}
