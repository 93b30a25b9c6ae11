package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// rereads says why the call of a C function has to stay in a defer statement. Of an
// argument &v[i], cgo saves the address at the site; but the elements that it checks
// when the call is made are those of v by then, which may be another slice. An
// argument that is written at the exit would have one v for both.
func rereads(d *draft, s *Site) Reasons {
	if s.Dead || s.Callee.Kind != analysis.CFunction {
		return nil
	}
	params := s.Callee.Sig.Params()
	for i, x := range s.Stmt.Call.Args {
		if i >= params.Len() || !cgoChecks(params.At(i).Type(), x) {
			continue
		}
		addr, _ := checkedForm(d.info, x).(*ast.UnaryExpr)
		if addr == nil {
			continue
		}
		index, ok := addr.X.(*ast.IndexExpr)
		if ok && cgoVariable(index.X) && elementsPoint(d.info, index.X) && !neverChanges(d, index.X) {
			return d.becauseAt(s.Stmt.Pos(), CgoRereads, types.ExprString(index.X))
		}
	}
	return nil
}

// elementsPoint reports whether x, a slice or a pointer to an array, has elements
// that may hold pointers.
func elementsPoint(info *types.Info, x ast.Expr) bool {
	switch t := analysis.Under(info.TypeOf(x)).(type) {
	case *types.Slice:
		return mayPoint(t.Elem())
	case *types.Pointer:
		array, ok := analysis.Under(t.Elem()).(*types.Array)
		return ok && mayPoint(array.Elem())
	}
	return false
}

// neverChanges reports whether x is a variable that is assigned once.
func neverChanges(d *draft, x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := d.info.Uses[id].(*types.Var)
	return ok && d.Unit.Vars.Fixed(v)
}

// checkedForm returns what is left of x behind the conversions that cgo looks
// through, if cgo then knows how much memory to check: &v, s[i:j], or a call of
// unsafe.StringData. Otherwise it returns nil.
func checkedForm(info *types.Info, x ast.Expr) ast.Expr {
	for {
		call, ok := x.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			break
		}
		name := unsafeName(call.Fun)
		if name == "StringData" {
			return call
		}
		if name != "SliceData" && !cgoType(info, call.Fun) {
			return nil
		}
		x = call.Args[0]
	}
	switch x := x.(type) {
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return x
		}
	case *ast.SliceExpr:
		return x
	}
	return nil
}

// unsafeName returns name for unsafe.name.
func unsafeName(x ast.Expr) string {
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if id, ok := sel.X.(*ast.Ident); !ok || id.Name != "unsafe" {
		return ""
	}
	return sel.Sel.Name
}

// cgoType reports whether cgo takes x for a type (cmd/cgo/gcc.go: isType). It knows
// nothing of the types of the package.
func cgoType(info *types.Info, x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && (unsafeName(x) == "Pointer" || id.Name == "C" && info.Types[x].IsType())
	case *ast.Ident:
		t, ok := types.Universe.Lookup(x.Name).(*types.TypeName)
		return ok && t.Name() != "any" && t.Name() != "comparable"
	case *ast.ParenExpr:
		return cgoType(info, x.X)
	case *ast.StarExpr:
		return cgoType(info, x.X)
	case *ast.ArrayType, *ast.StructType, *ast.FuncType, *ast.InterfaceType, *ast.MapType, *ast.ChanType:
		return true
	}
	return false
}

// cgoVariable reports whether cgo takes x for a variable, whose address it can
// take (cmd/cgo/gcc.go: isVariable).
func cgoVariable(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident, *ast.IndexExpr:
		return true
	case *ast.SelectorExpr:
		return cgoVariable(x.X)
	}
	return false
}

// cgoChecks reports whether cgo checks the argument x of a parameter of type t: one
// that points to something with pointers (cmd/cgo/gcc.go: needsPointerCheck).
// Where that is not known for sure, it reports true.
func cgoChecks(t types.Type, x ast.Expr) bool {
	if id, ok := x.(*ast.Ident); ok && id.Name == "nil" {
		return false
	}
	switch t := analysis.Under(t).(type) {
	case *types.Pointer:
		return mayPoint(t.Elem())
	case *types.Basic:
		return t.Kind() == types.UnsafePointer
	}
	return mayPoint(t)
}

// mayPoint reports whether a t may hold pointers. A union is an array of bytes.
func mayPoint(t types.Type) bool {
	switch u := analysis.Under(t).(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer || u.Kind() == types.String || u.Kind() == types.Uintptr
	case *types.Array:
		b, ok := u.Elem().(*types.Basic)
		return ok && b.Kind() == types.Byte || mayPoint(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if mayPoint(u.Field(i).Type()) {
				return true
			}
		}
		return false
	}
	return true
}
