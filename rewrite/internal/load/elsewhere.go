package load

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// elsewhere returns the names that files of the package declare that are not
// among its sources, for all files of the package: tests that are not loaded, and
// what other builds have. An import of the output must not have such a name:
//
//	import "example.com/m/internal/dedefer" // in a.go
//
//	var dedefer int // in a_windows.go: dedefer already declared through import of package
//
// assigned are the names that what is not among files may assign to.
func (l *Listed) elsewhere(files []*syntax.File) (names, assigned map[string]bool) {
	names, assigned = map[string]bool{}, map[string]bool{}
	for _, name := range l.shared.GoFiles(l.Dir) {
		if slices.ContainsFunc(files, func(f *syntax.File) bool { return f.Name == name }) {
			continue
		}
		src, err := l.shared.Read(name)
		if err != nil {
			continue // no build has it
		}
		f, _ := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution|parser.ParseComments)
		if f == nil || f.Name.Name != l.pkg.Name {
			continue
		}
		analysis.AssignedIn(f, assigned)
		if !slices.Contains(l.Sources, name) {
			declared(f, names)
		}
	}
	for _, name := range slices.Concat(l.pkg.OtherFiles, l.pkg.IgnoredFiles) {
		if ext := filepath.Ext(name); ext == ".s" || ext == ".S" {
			src, _ := l.shared.Read(name) // without it, no build has it
			for _, m := range asmName.FindAllSubmatch(src, -1) {
				assigned[string(m[1])] = true
			}
		}
	}
	return names, assigned
}

// asmName finds the names of the package that assembly uses.
var asmName = regexp.MustCompile(`·(\w+)`)

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
