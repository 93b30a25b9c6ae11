package runtime

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// TestCopy type-checks copies, and looks at the names that they declare.
func TestCopy(t *testing.T) {
	for _, use := range []Use{{Run: true}} {
		c := NewCopy("other", "dedefer2_", use)
		fset := token.NewFileSet()
		var files []*ast.File
		for name, text := range c.Files {
			if !strings.HasPrefix(name, "dedefer2_") {
				t.Errorf("%s:\n%s", name, text)
			}
			f, err := parser.ParseFile(fset, name, text, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		p, err := new(types.Config).Check("other", fset, files, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.Scope().Names() {
			if !strings.HasPrefix(name, "dedefer2_") {
				t.Errorf("it declares %s", name)
			}
		}
		if p.Scope().Lookup("dedefer2_Run") == nil || p.Name() != "other" {
			t.Errorf("package %s with %v", p.Name(), p.Scope().Names())
		}
		for _, name := range []string{"bool", "false", "true"} {
			if !strings.Contains(" "+strings.Join(c.Names, " ")+" ", " "+name+" ") {
				t.Errorf("predeclared: %v", c.Names)
			}
		}
	}
}
