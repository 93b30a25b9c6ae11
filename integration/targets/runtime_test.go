package targets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/dedefer/dedefer/runtime"
)

// TestRuntimeIsPlain holds the bundled runtime to what every compiler of Go can do:
// no imports, no generics.
func TestRuntimeIsPlain(t *testing.T) {
	source := runtime.Source()
	if len(source) < 2 {
		t.Fatalf("%d files", len(source))
	}
	for name, src := range source {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			t.Errorf("%v: imports %s", fset.Position(imp.Pos()), imp.Path.Value)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				if n.TypeParams != nil {
					t.Errorf("%v: a generic function", fset.Position(n.Pos()))
				}
			case *ast.TypeSpec:
				if n.TypeParams != nil {
					t.Errorf("%v: a generic type", fset.Position(n.Pos()))
				}
			case *ast.Ident:
				if n.Name == "any" || n.Name == "comparable" {
					t.Errorf("%v: %s is of Go 1.18 with generics", fset.Position(n.Pos()), n.Name)
				}
			}
			return true
		})
	}
}
