package nopanic

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A place is a variable of the package, or a field: p.f.m. Other functions can change what it
// holds, so that nothing lasting is known of it. But in
//
//	if p.m == nil {
//		p.m = map[string]int{}
//	}
//	p.m[k] = v
//
// the map is not nil in the last line: no call stands between, so that neither this goroutine
// nor, without a data race, another one has changed it. Nor is p.n nil behind
//
//	defer p.n.mu.Unlock()
type place struct {
	root   *types.Var
	fields []*types.Var // as declared, for a generic type
}

// A frame is a list of statements that the walk is in, and the statement of it.
type frame struct {
	list   []ast.Stmt
	at     int
	opener ast.Stmt // the if or range statement whose body it is; nil for another
	value  bool     // of its condition
}

// placeOf returns the place that x names, nil if it is none.
func placeOf(info *types.Info, x ast.Expr) *place {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		if v, ok := info.Uses[x].(*types.Var); ok {
			return &place{root: v}
		}
	case *ast.SelectorExpr:
		s := info.Selections[x]
		if s == nil || s.Kind() != types.FieldVal || len(s.Index()) != 1 {
			return nil
		}
		if p := placeOf(info, x.X); p != nil {
			return &place{p.root, append(slices.Clip(p.fields), s.Obj().(*types.Var).Origin())}
		}
	}
	return nil
}

// is reports whether x names p.
func (p *place) is(info *types.Info, x ast.Expr) bool {
	other := placeOf(info, x)
	return other != nil && other.root == p.root && slices.Equal(other.fields, p.fields)
}

// holds reports whether the place that x names is known not to be nil where the walk is. In a package
// that imports unsafe, what looks like something else may be that place.
func (k *known) holds(x ast.Expr) bool {
	p := placeOf(k.info, x)
	if p == nil || len(p.fields) == 0 && p.root.Kind() != types.PackageVar {
		return false
	}
	stays := k.keeps(x)
	if k.unsafe && !stays {
		return false
	}
	for i := len(k.frames) - 1; i >= 0; i-- {
		f := k.frames[i]
		if !stays && p.changes(k.info, f.list[f.at]) {
			return false
		}
		for j := f.at - 1; j >= 0; j-- {
			if p.madeBy(k.info, f.list[j]) || stays && p.usedBy(k.info, f.list[j]) {
				return true
			}
			if !stays && p.changes(k.info, f.list[j]) {
				return false
			}
		}
		if p.madeByOpening(k.info, f) {
			return true
		}
	}
	return false
}

// keeps reports whether x is a field of a variable that never changes, and no pointer leads to it.
func (k *known) keeps(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		v := k.variable(x)
		return v != nil && k.vars.Fixed(v)
	case *ast.SelectorExpr:
		_, isPointer := analysis.Under(k.info.TypeOf(x.X)).(*types.Pointer)
		return !isPointer && k.keeps(x.X)
	}
	return false
}

// madeBy reports whether p is not nil behind s.
func (p *place) madeBy(info *types.Info, s ast.Stmt) bool {
	if p.usedBy(info, s) && (!p.changes(info, s) || locks(info, s)) {
		return true
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.ASSIGN || len(s.Lhs) != len(s.Rhs) {
			return false
		}
		made := false
		for i, x := range s.Lhs {
			switch {
			case p.is(info, x):
				made = analysis.Makes(info, s.Rhs[i])
			case p.changedBy(info, x):
				return false
			}
		}
		return made
	case *ast.IfStmt:
		if s.Init != nil || s.Else != nil || !p.follows(info, s.Cond, false) || p.changes(info, s.Cond) {
			return false
		}
		return leaves(s.Body) || p.madeAtEnd(info, s.Body.List)
	}
	return false
}

// locks reports whether s only takes a lock. Who changes the place of the lock while this goroutine waits
// for it does so after it was read, with nothing that orders the two: a data race.
//
//	p.n.mu.Lock() // p.n is what it was
func locks(info *types.Info, s ast.Stmt) bool {
	x, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := ast.Unparen(x.X).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := typeutil.StaticCallee(info, call)
	sel, isSelector := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if fn == nil || !isSelector || analysis.Has[*ast.CallExpr](sel.X) || analysis.Has[*ast.UnaryExpr](sel.X) {
		return false
	}
	switch fn.FullName() {
	case "(*sync.Mutex).Lock", "(*sync.RWMutex).Lock", "(*sync.RWMutex).RLock":
		return true
	}
	return false
}

// usedBy reports whether s goes through p in any case, and would panic if p were nil.
func (p *place) usedBy(info *types.Info, s ast.Stmt) bool {
	uses := func(x ast.Expr) bool { return p.usedIn(info, x) }
	switch s := s.(type) {
	case *ast.AssignStmt:
		return slices.ContainsFunc(s.Rhs, uses) || slices.ContainsFunc(s.Lhs, uses)
	case *ast.DeferStmt: // evaluates what it calls, and the operands
		return uses(s.Call.Fun) || slices.ContainsFunc(s.Call.Args, uses)
	case *ast.ExprStmt:
		return uses(s.X)
	case *ast.IncDecStmt:
		return uses(s.X)
	case *ast.IfStmt:
		return s.Init != nil && p.usedBy(info, s.Init) || uses(s.Cond)
	}
	return false
}

// usedIn reports whether x, when it is evaluated, goes through p in any case: p.f, p[i].
func (p *place) usedIn(info *types.Info, x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || p.usedIn(info, n.X)
				return false
			}
		case *ast.CallExpr: // len(p.array) is a constant, and evaluates nothing
			if info.Types[n].Value != nil || analysis.BuiltinName(info, n) != "" {
				return false
			}
		case *ast.SelectorExpr:
			sel := info.Selections[n]
			_, isPointer := analysis.Under(info.TypeOf(n.X)).(*types.Pointer)
			found = found || sel != nil && isPointer && (sel.Kind() == types.FieldVal || len(sel.Index()) > 1) && p.is(info, n.X)
		case *ast.IndexExpr:
			_, isSlice := analysis.Under(info.TypeOf(n.X)).(*types.Slice)
			found = found || isSlice && p.is(info, n.X)
		}
		return !found
	})
	return found
}

// madeAtEnd reports whether p is not nil behind the statements of list.
func (p *place) madeAtEnd(info *types.Info, list []ast.Stmt) bool {
	for _, s := range slices.Backward(list) {
		if p.madeBy(info, s) {
			return true
		}
		if p.changes(info, s) {
			return false
		}
	}
	return false
}

// madeByOpening reports whether p is not nil where the list of f begins: it is tested, a map with
// an entry, or one that is ranged over.
func (p *place) madeByOpening(info *types.Info, f frame) bool {
	switch s := f.opener.(type) {
	case *ast.IfStmt:
		if p.changes(info, s.Cond) {
			return false
		}
		if p.usedBy(info, s) && (s.Init == nil || !p.changes(info, s.Init)) {
			return true
		}
		return p.follows(info, s.Cond, f.value) || p.hasEntry(info, s, f.value)
	case *ast.RangeStmt:
		_, isMap := analysis.Under(info.TypeOf(s.X)).(*types.Map)
		return isMap && p.is(info, s.X) && !p.changedBy(info, s.Key) && !p.changedBy(info, s.Value) && !p.changes(info, s.Body)
	}
	return false
}

// hasEntry reports whether s, whose condition has that value, has found an entry in p:
//
//	if v, ok := p.m[k]; ok {
func (p *place) hasEntry(info *types.Info, s *ast.IfStmt, value bool) bool {
	as, isAssign := s.Init.(*ast.AssignStmt)
	ok, isIdent := ast.Unparen(s.Cond).(*ast.Ident)
	if !value || !isAssign || !isIdent || as.Tok != token.DEFINE || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
		return false
	}
	found, isName := as.Lhs[1].(*ast.Ident)
	index, isIndex := ast.Unparen(as.Rhs[0]).(*ast.IndexExpr)
	if !isName || !isIndex || info.Defs[found] == nil || info.Defs[found] != info.Uses[ok] || p.changes(info, index.Index) {
		return false
	}
	_, isMap := analysis.Under(info.TypeOf(index.X)).(*types.Map)
	return isMap && p.is(info, index.X)
}

// follows reports whether p is not nil if cond is value.
func (p *place) follows(info *types.Info, cond ast.Expr, value bool) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return c.Op == token.NOT && p.follows(info, c.X, !value)
	case *ast.BinaryExpr:
		switch {
		case c.Op == token.LAND && value, c.Op == token.LOR && !value:
			return p.follows(info, c.X, value) || p.follows(info, c.Y, value)
		case c.Op == token.NEQ && value, c.Op == token.EQL && !value:
			return p.is(info, c.X) && info.Types[c.Y].IsNil() || p.is(info, c.Y) && info.Types[c.X].IsNil()
		}
	}
	return false
}

// changes reports whether n may change what p holds: by itself, or since it calls a function or
// waits for another goroutine, which may.
func (p *place) changes(info *types.Info, n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || p.calls(info, n)
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.DeferStmt: // which calls nothing now
			found = found || p.changes(info, n.Call.Fun) || slices.ContainsFunc(n.Call.Args, func(x ast.Expr) bool { return p.changes(info, x) })
			return false
		case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt, *ast.LabeledStmt:
			found = true
		case *ast.RangeStmt:
			switch analysis.Under(info.TypeOf(n.X)).(type) {
			case *types.Signature, *types.Chan, *types.Interface:
				found = true
			}
			found = found || p.changedBy(info, n.Key) || p.changedBy(info, n.Value)
		case *ast.IncDecStmt:
			found = found || p.changedBy(info, n.X)
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, func(x ast.Expr) bool { return p.changedBy(info, x) })
		}
		return !found
	})
	return found
}

// changedBy reports whether an assignment to x, which may be nil, may change p.
func (p *place) changedBy(info *types.Info, x ast.Expr) bool {
	if x == nil {
		return false
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		if e.Name == "_" || info.Defs[e] != nil { // a new variable
			return false
		}
		if info.Uses[e] == types.Object(p.root) {
			return true
		}
	case *ast.SelectorExpr:
		v, ok := info.Uses[e.Sel].(*types.Var)
		if !ok || v == p.root || p.hasNamed(v) {
			return true
		}
	case *ast.IndexExpr:
		if _, isMap := analysis.Under(info.TypeOf(e.X)).(*types.Map); isMap {
			return false
		}
	default:
		return true
	}
	return p.within(info.TypeOf(x))
}

// hasNamed reports whether a field of p has the name of f: it may be that of another type, to a
// pointer to which one to this type was converted.
func (p *place) hasNamed(f *types.Var) bool {
	return slices.ContainsFunc(p.fields, func(g *types.Var) bool { return g.Id() == f.Id() })
}

// within reports whether a value of type t may have one of the fields in it.
func (p *place) within(t types.Type) bool {
	if t == nil || analysis.IsTypeParam(t) {
		return true
	}
	switch t := analysis.Under(t).(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if p.hasNamed(f) || p.within(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return p.within(t.Elem())
	}
	return false
}

// calls reports whether call may change p: what it calls may run any code.
func (p *place) calls(info *types.Info, call *ast.CallExpr) bool {
	if info.Types[call.Fun].IsType() {
		return false
	}
	switch analysis.BuiltinName(info, call) {
	case "":
	case "close": // somebody may wait for it
		return true
	case "append", "copy", "clear":
		slice, ok := analysis.Under(info.TypeOf(call.Args[0])).(*types.Slice)
		if _, isMap := analysis.Under(info.TypeOf(call.Args[0])).(*types.Map); isMap {
			return false
		}
		return !ok || p.within(slice.Elem())
	default:
		return false
	}
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || fn.Pkg() == nil || !plain[fn.Pkg().Path()] {
		return true
	}
	recv := fn.Signature().Recv()
	return recv != nil && !isValue(recv.Type()) || slices.ContainsFunc(call.Args, func(x ast.Expr) bool { return !isValue(info.TypeOf(x)) })
}

// isValue reports whether a value of type t, of a plain package, leads to no code: a string, a time.Time.
func isValue(t types.Type) bool {
	switch analysis.Under(t).(type) {
	case *types.Basic, *types.Struct:
		return true
	}
	return false
}

// plain are packages whose functions run no code but their own, given no code.
var plain = map[string]bool{
	"io/fs": true, "math": true, "math/bits": true, "path": true, "path/filepath": true, "strconv": true, "strings": true, "time": true,
	"unicode": true, "unicode/utf8": true,
}
