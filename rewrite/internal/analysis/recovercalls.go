package analysis

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A RecoverCall is a call of the builtin recover, wherever it stands.
type RecoverCall struct {
	*ast.CallExpr
	Function string // the innermost one around it, as gc names it
}

// RecoverCalls finds all calls of recover in a file, in order of position.
func RecoverCalls(pkg *syntax.Package, file *syntax.File, in func(*syntax.File, ast.Decl) bool) (calls []RecoverCall) {
	if !facts.RecoverWord.Match(file.Src) {
		return nil
	}
	for _, decl := range file.Syntax.Decls {
		if !in(file, decl) {
			continue
		}
		name := "glob."
		if d, ok := decl.(*ast.FuncDecl); ok {
			name = declName(d)
		}
		calls = append(calls, recoverCallsBelow(pkg.Info, decl, name)...)
	}
	return calls
}

func recoverCallsBelow(info *types.Info, n ast.Node, name string) (calls []RecoverCall) {
	literals := 0
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			literals++
			calls = append(calls, recoverCallsBelow(info, n.Body, fmt.Sprintf("%s.func%d", name, literals))...)
			return false
		case *ast.CallExpr:
			if BuiltinName(info, n) == "recover" {
				calls = append(calls, RecoverCall{n, name})
			}
		}
		return true
	})
	return calls
}
