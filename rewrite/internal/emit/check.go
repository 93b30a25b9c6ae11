package emit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// Check type-checks pkg with new text for the files named in changed, and with the
// files in added. They may import runtime besides what the package imports.
func Check(pkg *syntax.Package, changed map[string][]byte, added map[string]string, runtime *Runtime) error {
	files := slices.Clone(pkg.Extra)
	for _, f := range pkg.Files {
		af := f.Syntax
		if src, ok := changed[f.Name]; ok {
			var err error
			af, err = parser.ParseFile(pkg.Fset, f.Name, src, parser.SkipObjectResolution|parser.ParseComments)
			if err != nil {
				return err
			}
		}
		files = append(files, af)
	}
	for name, src := range added {
		af, err := parser.ParseFile(pkg.Fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, af)
	}
	return pkg.Check(files, &importer{pkg, runtime})
}

// A Runtime is the bundled runtime, as the packages of a module import it.
type Runtime struct {
	Path  string            // as imported
	Files map[string]string // base name to source

	once sync.Once
	pkg  *types.Package
	err  error
}

func (r *Runtime) check() (*types.Package, error) {
	r.once.Do(func() {
		fset := token.NewFileSet()
		var files []*ast.File
		for name, src := range r.Files {
			f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
			if err != nil {
				r.err = err
				return
			}
			if len(f.Imports) == 0 {
				files = append(files, f)
			}
		}
		conf := types.Config{}
		r.pkg, r.err = conf.Check(r.Path, fset, files, nil)
	})
	return r.pkg, r.err
}

// importer has what pkg imports, and the bundled runtime.
type importer struct {
	pkg     *syntax.Package
	runtime *Runtime
}

func (i *importer) Import(path string) (*types.Package, error) {
	if path == i.runtime.Path {
		return i.runtime.check()
	}
	return i.pkg.Importer.Import(path)
}
