package load

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// elsewhere returns the names that files of the package declare that are not
// among its sources, for all files of the package: tests that are not loaded, and
// what other builds have. An import of the output must not have such a name:
//
//	import "example.com/m/internal/dedefer" // in a.go
//
//	var dedefer int // in a_windows.go: dedefer already declared through import of package
func (l *Listed) elsewhere() map[string]bool {
	names := map[string]bool{}
	for _, name := range l.shared.GoFiles(l.Dir) {
		if slices.Contains(l.Sources, name) {
			continue
		}
		src, err := l.shared.Read(name)
		if err != nil {
			continue // no build has it
		}
		f, _ := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if f != nil && f.Name.Name == l.pkg.Name {
			declared(f, names)
		}
	}
	return names
}

// declared adds the names that f declares for all files of its package.
func declared(f *ast.File, names map[string]bool) {
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range s.Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
}
