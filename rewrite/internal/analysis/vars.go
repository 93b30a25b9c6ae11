package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Vars tells what happens to the variables of a top-level declaration.
type Vars struct {
	info   *types.Info
	use    map[*types.Var]*varUse
	ranged []*types.Var // that a range statement declares
}

type varUse struct {
	assigned bool           // other than by its declaration
	changing []*ast.FuncLit // the outermost literals inside the function that declares it that assign to it
	last     token.Pos      // of its assignments
	literals []*ast.FuncLit // the outermost such literals that mention it
	address  bool           // &v, v[:] of an array, or a method with a pointer receiver
	owner    ast.Node
}

// NewVars finds out what happens to the variables of decl. With shared, all iterations of a
// range statement have the same variables (before Go 1.22).
func NewVars(info *types.Info, decl ast.Decl, shared bool) *Vars {
	v := &Vars{info: info, use: map[*types.Var]*varUse{}}
	v.declare(decl, nil)
	v.walk(decl, []ast.Node{nil})
	if shared {
		v.share()
	}
	return v
}

// share notes that the next iteration assigns to the variables of a range statement: a literal
// with defer statements of its own may run in another goroutine meanwhile. In the function that
// has the loop an iteration is over before the next one begins.
func (v *Vars) share() {
	for _, obj := range v.ranged {
		u := v.of(obj)
		u.assigned = u.assigned || slices.ContainsFunc(u.literals, func(lit *ast.FuncLit) bool { return Has[*ast.DeferStmt](lit) })
	}
}

// declare notes, for each variable, the function that it belongs to.
func (v *Vars) declare(n ast.Node, owner ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncDecl:
			if m != owner {
				v.declare(m, m)
				return false
			}
		case *ast.FuncLit:
			if m != owner {
				v.declare(m, m)
				return false
			}
		case *ast.Ident:
			if obj, ok := v.info.Defs[m].(*types.Var); ok && !obj.IsField() {
				v.of(obj).owner = owner
			}
		case *ast.FuncType:
			if m.Results != nil {
				v.results(m.Results)
			}
		case *ast.CaseClause:
			if obj, ok := v.info.Implicits[m].(*types.Var); ok {
				v.of(obj).owner = owner
			}
		}
		return true
	})
}

// results notes that return statements assign to named results.
func (v *Vars) results(list *ast.FieldList) {
	for _, field := range list.List {
		for _, id := range field.Names {
			if obj, ok := v.info.Defs[id].(*types.Var); ok {
				v.of(obj).assigned = true
			}
		}
	}
}

func (v *Vars) of(obj *types.Var) *varUse {
	u := v.use[obj]
	if u == nil {
		u = &varUse{}
		v.use[obj] = u
	}
	return u
}

// walk notes the assignments, and the addresses that are taken, inside the innermost
// function of stack.
func (v *Vars) walk(n ast.Node, stack []ast.Node) {
	fn := stack[len(stack)-1]
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncDecl:
			if m != fn {
				v.walk(m, append(stack, m))
				return false
			}
		case *ast.FuncLit:
			if m != fn {
				v.walk(m, append(stack, m))
				return false
			}
		case *ast.Ident:
			if obj, ok := v.info.Uses[m].(*types.Var); ok && !obj.IsField() {
				u := v.of(obj)
				if lit := u.outermost(stack); lit != nil && !slices.Contains(u.literals, lit) {
					u.literals = append(u.literals, lit)
				}
			}
		case *ast.AssignStmt:
			for _, lhs := range m.Lhs {
				v.assign(lhs, stack)
			}
		case *ast.IncDecStmt:
			v.assign(m.X, stack)
		case *ast.RangeStmt:
			for _, x := range []ast.Expr{m.Key, m.Value} {
				if id, ok := x.(*ast.Ident); ok && m.Tok == token.DEFINE {
					if obj, ok := v.info.Defs[id].(*types.Var); ok {
						v.ranged = append(v.ranged, obj)
					}
				} else if m.Tok == token.ASSIGN {
					v.assign(x, stack)
				}
			}
		case *ast.ValueSpec:
			if len(m.Values) == 0 {
				for _, id := range m.Names {
					v.zero(id)
				}
			}
		case *ast.UnaryExpr:
			if m.Op == token.AND {
				v.addressOf(m.X)
			}
		case *ast.SliceExpr:
			if holdsElements(v.info.TypeOf(m.X)) {
				v.addressOf(m.X)
			}
		case *ast.SelectorExpr:
			v.method(m)
		}
		return true
	})
}

// outermost returns the literal of stack that is outermost inside of the variable's
// own function, or nil.
func (u *varUse) outermost(stack []ast.Node) *ast.FuncLit {
	i := slices.Index(stack, u.owner)
	if i < 0 || i+1 >= len(stack) {
		return nil
	}
	lit, _ := stack[i+1].(*ast.FuncLit)
	return lit
}

// zero counts "var x T" as an assignment. Nearly always another follows, and where
// none does the variable holds nothing worth keeping.
func (v *Vars) zero(id *ast.Ident) {
	if obj, ok := v.info.Defs[id].(*types.Var); ok {
		if !IsStructOrArray(obj.Type()) {
			v.of(obj).assigned = true
		}
	}
}

// IsStructOrArray reports whether a value of type t has parts that can be assigned to.
func IsStructOrArray(t types.Type) bool {
	switch Under(t).(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// Under returns the underlying type of t, nil for nil.
func Under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// IsTypeParam reports whether t is a type parameter.
func IsTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// IsInterface reports whether t is an interface, and no type parameter: a value of such a type is
// converted to an interface.
func IsInterface(t types.Type) bool { return types.IsInterface(t) && !IsTypeParam(t) }

// holdsElements reports whether the elements of a value of type t may be part of the value
// itself: it is an array, or of a type parameter, which may stand for one.
func holdsElements(t types.Type) bool {
	_, array := Under(t).(*types.Array)
	_, param := types.Unalias(t).(*types.TypeParam)
	return array || t != nil && param
}

// method notes that x.M takes the address of the variable x, where M has a pointer
// receiver.
func (v *Vars) method(sel *ast.SelectorExpr) {
	s := v.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return
	}
	recv := s.Obj().(*types.Func).Signature().Recv()
	if recv == nil {
		return
	}
	if _, ok := types.Unalias(recv.Type()).(*types.Pointer); ok && !isPointer(v.info.TypeOf(sel.X)) {
		v.addressOf(sel.X)
	}
}

func (v *Vars) addressOf(x ast.Expr) {
	if obj := v.root(x); obj != nil {
		v.of(obj).address = true
	}
}

func (v *Vars) assign(x ast.Expr, stack []ast.Node) {
	if id, ok := x.(*ast.Ident); ok && v.info.Defs[id] != nil {
		return // declared here
	}
	obj := v.root(x)
	if obj == nil {
		return
	}
	u := v.of(obj)
	u.assigned, u.last = true, max(u.last, x.Pos())
	if lit := u.outermost(stack); lit != nil && !slices.Contains(u.changing, lit) {
		u.changing = append(u.changing, lit)
	}
}

// root returns the variable whose memory holds x: v for v, v.f and v[i], unless a
// pointer, slice or map is on the way.
func (v *Vars) root(x ast.Expr) *types.Var {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
		case *ast.SelectorExpr:
			if s := v.info.Selections[e]; s == nil || s.Indirect() || isPointer(v.info.TypeOf(e.X)) {
				return nil
			}
			x = e.X
		case *ast.IndexExpr:
			if !holdsElements(v.info.TypeOf(e.X)) {
				return nil
			}
			x = e.X
		case *ast.Ident:
			obj, _ := v.info.ObjectOf(e).(*types.Var)
			return obj
		default:
			return nil
		}
	}
}

func isPointer(t types.Type) bool {
	_, ok := Under(t).(*types.Pointer)
	return ok
}

// local reports whether obj is declared inside the declaration.
func (v *Vars) local(obj *types.Var) (*varUse, bool) {
	u := v.use[obj]
	return u, u != nil && u.owner != nil && !obj.IsField()
}

// Fixed reports whether obj holds one value from its declaration on.
func (v *Vars) Fixed(obj *types.Var) bool {
	u, ok := v.local(obj)
	return ok && !u.assigned && !u.address
}

// OnlyAssigned reports whether nothing but assignments by its name changes obj,
// a variable of a function that is no parameter or result.
func (v *Vars) OnlyAssigned(obj *types.Var) bool {
	u, ok := v.local(obj)
	return ok && obj.Kind() == types.LocalVar && !u.address
}

// OnlyBody reports whether nothing but the statements of fn itself changes
// obj: no literal except those that harmless reports true for, nothing through
// a pointer.
func (v *Vars) OnlyBody(obj *types.Var, fn ast.Node, harmless func(*ast.FuncLit) bool) bool {
	u, ok := v.local(obj)
	switch {
	case !ok || u.address:
		return false
	case !u.assigned:
		return true
	}
	return u.owner == fn && !slices.ContainsFunc(u.changing, func(l *ast.FuncLit) bool { return !harmless(l) })
}

// LastAssigned returns the position of the last assignment to obj in the source,
// other than its declaration and return statements.
func (v *Vars) LastAssigned(obj *types.Var) token.Pos { return v.of(obj).last }

// OnlyIn reports whether obj is a variable of fn that nothing but the statements
// of fn itself mentions.
func (v *Vars) OnlyIn(obj *types.Var, fn ast.Node) bool {
	u, ok := v.local(obj)
	return ok && u.owner == fn && !u.address && len(u.literals) == 0
}

// Visible reports whether code outside the statements of obj's own function
// can see it: any literal except those that harmless reports true for, or
// anything through a pointer.
func (v *Vars) Visible(obj *types.Var, harmless func(*ast.FuncLit) bool) bool {
	u, ok := v.local(obj)
	return ok && (u.address || slices.ContainsFunc(u.literals, func(l *ast.FuncLit) bool { return !harmless(l) }))
}
