package plan

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// contextual reports whether the type of x comes from where it stands, so that v := x
// would give v another one: in "var n int8 = 1 << s" the shift is an int8.
func contextual(info *types.Info, x ast.Expr) bool {
	t := info.TypeOf(x)
	switch x := x.(type) {
	case *ast.ParenExpr:
		return contextual(info, x.X)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return t != types.Typ[types.Bool]
		}
		return x.Op != token.AND && x.Op != token.ARROW && contextual(info, x.X)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.SHL, token.SHR:
			return info.Types[x.X].Value != nil && !(t == types.Typ[types.Int] && isInt(info, x.X))
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ, token.LAND, token.LOR:
			return t != types.Typ[types.Bool]
		}
		return contextual(info, x.X) || contextual(info, x.Y)
	}
	return false
}

// isInt reports whether the constant x is an int where nothing else says its type: 1, not 1.0
// or 'a'.
func isInt(info *types.Info, x ast.Expr) bool {
	t := ownType(info, x)
	return t != nil && types.Identical(t, types.Typ[types.Int])
}

// ownType returns the type that v has behind "v := x" for a constant x; nil where that is not
// looked for.
func ownType(info *types.Info, x ast.Expr) types.Type {
	switch x := ast.Unparen(x).(type) {
	case *ast.BasicLit:
		return map[token.Token]types.Type{
			token.INT: types.Typ[types.Int], token.FLOAT: types.Typ[types.Float64], token.IMAG: types.Typ[types.Complex128],
			token.CHAR: types.Universe.Lookup("rune").Type(), token.STRING: types.Typ[types.String],
		}[x.Kind]
	case *ast.Ident:
		if c, ok := info.Uses[x].(*types.Const); ok {
			return types.Default(c.Type())
		}
	case *ast.SelectorExpr:
		return ownType(info, x.Sel)
	case *ast.CallExpr: // a conversion, or the length of an array
		return info.TypeOf(x)
	}
	return nil
}

// inferred reports whether x is a generic function of which not all type arguments are
// written: "v := x" is not Go.
func inferred(info *types.Info, x ast.Expr) bool {
	x = ast.Unparen(x)
	written := 0
	switch i := x.(type) {
	case *ast.IndexExpr:
		x, written = i.X, 1
	case *ast.IndexListExpr:
		x, written = i.X, len(i.Indices)
	}
	if sel, ok := x.(*ast.SelectorExpr); ok {
		x = sel.Sel
	}
	id, ok := x.(*ast.Ident)
	return ok && info.Instances[id].TypeArgs.Len() > written
}

// total reports whether a binary operation cannot panic.
func total(info *types.Info, x *ast.BinaryExpr) bool {
	switch x.Op {
	case token.QUO, token.REM, token.SHL, token.SHR:
		return false
	}
	for _, y := range []ast.Expr{x.X, x.Y} {
		switch analysis.Under(info.TypeOf(y)).(type) {
		case *types.Basic, *types.Pointer, *types.Chan:
		default:
			return false
		}
	}
	return true
}

// pointerConversion recognises uintptr(p) for an unsafe.Pointer p: it keeps p
// alive only in the argument list of a call (package unsafe, rule 4).
func pointerConversion(info *types.Info, x ast.Expr) (inner ast.Expr) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !info.Types[call.Fun].IsType() {
		return nil
	}
	to, ok := analysis.Under(info.TypeOf(call.Fun)).(*types.Basic)
	from, ok2 := analysis.Under(info.TypeOf(call.Args[0])).(*types.Basic)
	if !ok || !ok2 || to.Kind() != types.Uintptr || from.Kind() != types.UnsafePointer {
		return nil
	}
	return call.Args[0]
}

// convertsWord reports whether call converts a number or pointer to another, which
// does nothing and cannot fail.
func convertsWord(info *types.Info, call *ast.CallExpr) bool {
	word := func(t types.Type) bool {
		switch t := analysis.Under(t).(type) {
		case *types.Pointer:
			return true
		case *types.Basic:
			return t.Info()&types.IsNumeric != 0 || t.Kind() == types.UnsafePointer
		}
		return false
	}
	return len(call.Args) == 1 && info.Types[call.Fun].IsType() && word(info.TypeOf(call)) && word(info.TypeOf(call.Args[0]))
}

// isPath reports whether x is a variable, or a field of one: v, v.f.g.
func isPath(info *types.Info, x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		_, ok := info.Uses[x].(*types.Var)
		return ok
	case *ast.SelectorExpr:
		s := info.Selections[x]
		return s != nil && s.Kind() == types.FieldVal && isPath(info, x.X)
	}
	return false
}

// isStatement reports whether call may stand as a statement: no conversion, no
// builtin.
func isStatement(info *types.Info, call *ast.CallExpr) bool {
	return !info.Types[call.Fun].IsType() && analysis.BuiltinName(info, call) == ""
}

// usedIn returns the objects that nodes use. To assign to a variable is not to use
// it.
func usedIn(info *types.Info, nodes []ast.Node) map[types.Object]bool {
	used, assigned := map[types.Object]bool{}, map[*ast.Ident]bool{}
	assign := func(x ast.Expr) {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			assigned[id] = true
		}
	}
	for _, n := range nodes {
		ast.Inspect(n, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.AssignStmt:
				if m.Tok == token.ASSIGN || m.Tok == token.DEFINE {
					for _, x := range m.Lhs {
						assign(x)
					}
				}
			case *ast.RangeStmt:
				assign(m.Key)
				assign(m.Value)
			case *ast.Ident:
				if obj := info.Uses[m]; obj != nil && !assigned[m] {
					used[obj] = true
				}
			}
			return true
		})
	}
	return used
}

// fitsAnywhere reports whether "_ = x" compiles on every machine: not for a constant
// that an int of 32 bits cannot hold, nor for a generic function that is not instantiated.
func fitsAnywhere(info *types.Info, x ast.Expr) bool {
	v := info.Types[x].Value
	if v == nil {
		return !inferred(info, x)
	}
	n, exact := constant.Int64Val(constant.ToInt(v))
	switch v.Kind() {
	case constant.Int:
		return exact && -1<<31 <= n && n < 1<<31
	case constant.Float, constant.Complex:
		return false
	}
	return true
}

// says reports whether x mentions one of vars.
func says(info *types.Info, x ast.Expr, vars ...*types.Var) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, _ := info.Uses[id].(*types.Var)
			found = found || v != nil && slices.Contains(vars, v)
		}
		return !found
	})
	return found
}

// eachName visits each identifier in n that is looked up in a scope: no field, method
// or label.
func eachName(info *types.Info, n ast.Node, visit func(*ast.Ident)) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SelectorExpr:
			eachName(info, m.X, visit)
			return false
		case *ast.KeyValueExpr:
			if id, ok := m.Key.(*ast.Ident); ok {
				if v, ok := info.Uses[id].(*types.Var); ok && v.IsField() {
					eachName(info, m.Value, visit)
					return false
				}
			}
		case *ast.BranchStmt:
			return false
		case *ast.Ident:
			if m.Name != "_" {
				visit(m)
			}
		}
		return true
	})
}

// isZero reports whether x, as the value of a result of type t, is the zero value:
// nil, false, "" or 0.
func isZero(info *types.Info, x ast.Expr, t types.Type) bool {
	tv := info.Types[x]
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

func hasCall(x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

func isIdent(x ast.Expr) bool {
	_, ok := x.(*ast.Ident)
	return ok
}

func isTuple(t types.Type) bool {
	_, ok := t.(*types.Tuple)
	return ok
}

// calls reports whether evaluating x calls something or receives from a channel.
func calls(info *types.Info, x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !info.Types[n.Fun].IsType()
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// innerAssigns reports whether a literal inside lit assigns to v, which may happen at
// any time.
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
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			if v, ok := info.ObjectOf(id).(*types.Var); ok {
				visit(v)
			}
		}
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for _, x := range m.Lhs {
				assigned(x)
			}
		case *ast.RangeStmt:
			assigned(m.Key)
			assigned(m.Value)
		}
		return true
	})
}

// conjuncts returns a, b and c of the condition a && b && c.
func conjuncts(x ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(x).(*ast.BinaryExpr); ok && b.Op == token.LAND {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []ast.Expr{x}
}

// declares reports whether a statement of list declares something.
func declares(list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(s ast.Stmt) bool {
		as, ok := s.(*ast.AssignStmt)
		_, isDecl := s.(*ast.DeclStmt)
		return isDecl || ok && as.Tok == token.DEFINE
	})
}

// stillUses reports whether a variable that the init statement of st declares is
// still used when st has conds as its condition.
func stillUses(info *types.Info, st *ast.IfStmt, conds []ast.Expr) bool {
	if st.Init == nil {
		return true
	}
	nodes := []ast.Node{st.Body}
	for _, x := range conds {
		nodes = append(nodes, x)
	}
	used := usedIn(info, nodes)
	ok := true
	ast.Inspect(st.Init, func(n ast.Node) bool {
		if id, isID := n.(*ast.Ident); isID && info.Defs[id] != nil {
			ok = ok && used[info.Defs[id]]
		}
		return ok
	})
	return ok
}

// leavesUnused reports whether nodes, which are left of a literal, declare a variable
// that they do not use: what used it is gone.
func leavesUnused(info *types.Info, nodes []ast.Node) (found bool) {
	used := usedIn(info, nodes)
	for _, n := range nodes {
		ast.Inspect(n, func(m ast.Node) bool {
			if id, ok := m.(*ast.Ident); ok {
				v, isVar := info.Defs[id].(*types.Var)
				found = found || isVar && v.Kind() == types.LocalVar && !used[v]
			}
			return !found
		})
	}
	return found
}

// loopBody returns the body of a for or range statement.
func loopBody(loop ast.Stmt) *ast.BlockStmt {
	switch l := loop.(type) {
	case *ast.ForStmt:
		return l.Body
	case *ast.RangeStmt:
		return l.Body
	}
	return nil
}
