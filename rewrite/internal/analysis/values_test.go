package analysis

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestReturnsCalm looks for calls of recover, in literals too, in the packages
// of the functions in the table.
func TestReturnsCalm(t *testing.T) {
	for name := range returnsCalm {
		pkg, err := build.Import(name[:strings.LastIndex(name, ".")], "", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range pkg.GoFiles {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, filepath.Join(pkg.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && id.Name == "recover" {
					t.Errorf("%s: recover", fset.Position(id.Pos()))
				}
				return true
			})
		}
	}
}
