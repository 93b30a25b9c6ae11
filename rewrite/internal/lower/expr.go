package lower

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/dave/dst"
)

// exprText returns x on one line, for a comment.
func exprText(x ast.Expr) string {
	return strings.Join(strings.Fields(types.ExprString(x)), " ")
}

func isIdent(x ast.Expr) bool {
	_, ok := x.(*ast.Ident)
	return ok
}

func paren(bit string) string {
	if strings.Contains(bit, "<") {
		return "(" + bit + ")"
	}
	return bit
}

func unparen(x dst.Expr) dst.Expr {
	for {
		p, ok := x.(*dst.ParenExpr)
		if !ok {
			return x
		}
		x = p.X
	}
}

func blanks(n int) string { return "_" + strings.Repeat(", _", n-1) }

func isTuple(info *types.Info, x ast.Expr) bool {
	_, ok := info.TypeOf(x).(*types.Tuple)
	return ok
}

func tupleLen(info *types.Info, x ast.Expr) int {
	return info.TypeOf(x).(*types.Tuple).Len()
}

// used returns a call of fn, nil where that is not known, as a statement. vet does not
// like it when the result of some functions is not used, which it does not mind
// behind defer.
func used(fn *types.Func, call string) string {
	if pure(fn) {
		return "_ = " + call
	}
	return call
}

// pure reports whether vet's analyzer unusedresult knows fn.
func pure(fn *types.Func) bool {
	if fn == nil {
		return false
	}
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
