package nopanic

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// compares reports whether comparing values of type t, or hashing them, cannot panic.
func compares(t types.Type) bool {
	switch u := analysis.Under(t).(type) {
	case *types.Basic, *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return compares(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if !compares(u.Field(i).Type()) {
				return false
			}
		}
		return true
	}
	return false
}

// takesMemory reports whether values of type t have a size. Then a slice of them has
// no more elements than there are bytes, and append does not panic.
func takesMemory(t types.Type) bool {
	if analysis.IsTypeParam(t) {
		return false
	}
	switch u := analysis.Under(t).(type) {
	case *types.Array:
		return u.Len() > 0 && takesMemory(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if takesMemory(u.Field(i).Type()) {
				return true
			}
		}
		return false
	}
	return true
}

// sizeAtMost returns a bound for the size of a value of type t on any machine.
func sizeAtMost(t types.Type) int64 {
	const huge = 1 << 24
	if analysis.IsTypeParam(t) {
		return huge
	}
	switch u := analysis.Under(t).(type) {
	case *types.Array:
		if u.Len() > huge {
			return huge
		}
		return min(huge, u.Len()*sizeAtMost(u.Elem()))
	case *types.Struct:
		size := int64(0)
		for i := range u.NumFields() {
			size += 8 + sizeAtMost(u.Field(i).Type())
		}
		return min(huge, size)
	}
	return 24
}

// comparable reports whether comparing x, or hashing it, cannot panic.
func comparable(info *types.Info, x ast.Expr) bool { return compares(info.TypeOf(x)) }

// isZero reports whether x is left out or the constant 0.
func isZero(info *types.Info, x ast.Expr) bool {
	if x == nil {
		return true
	}
	v := info.Types[x].Value
	return v != nil && constant.Sign(v) == 0
}

// small reports whether make makes something well below what is out of range: its
// sizes are small constants. For a map they are a hint, and may be a length.
func small(info *types.Info, x *ast.CallExpr) bool {
	size := int64(1)
	switch t := analysis.Under(info.TypeOf(x)).(type) {
	case *types.Slice:
		size = sizeAtMost(t.Elem())
	case *types.Chan:
		size = sizeAtMost(t.Elem())
	case *types.Map:
		size = 0
	default:
		return false
	}
	for _, n := range x.Args[1:] {
		v := info.Types[n].Value
		if call, ok := ast.Unparen(n).(*ast.CallExpr); ok && size == 0 && analysis.BuiltinName(info, call) == "len" {
			continue
		}
		if v == nil {
			return false
		}
		if n, exact := constant.Int64Val(constant.ToInt(v)); !exact || n < 0 || n > 1<<12 || n*size > 1<<24 {
			return false
		}
	}
	return true
}

func hasGoto(b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		br, ok := n.(*ast.BranchStmt)
		found = found || ok && br.Tok == token.GOTO
		return !found
	})
	return found
}

// leaves reports whether b ends with a return, a break, a continue or a goto.
func leaves(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch s := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	}
	return false
}

// parameters lists the receiver, if there is one, and the parameters.
func parameters(sig *types.Signature) (list []*types.Var) {
	if recv := sig.Recv(); recv != nil {
		list = append(list, recv)
	}
	for i := range sig.Params().Len() {
		list = append(list, sig.Params().At(i))
	}
	return list
}
