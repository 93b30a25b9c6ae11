package emit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// Check type-checks pkg with new text for the files named in changed, and with the
// files in added. They may import runtime besides what the package imports. With ordered, it is an
// error, too, if the variables of the package get their values in another order.
func Check(pkg *syntax.Package, changed map[string][]byte, added map[string]string, runtime *Runtime, ordered bool) error {
	var files []*ast.File
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
	files = append(files, pkg.Extra...)
	for name, src := range added {
		af, err := parser.ParseFile(pkg.Fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, af)
	}
	order, err := pkg.Check(files, &importer{pkg, runtime})
	if err != nil || !ordered {
		return err
	}
	return checkOrder(pkg, order)
}

// checkOrder compares the order in which the variables of the output are initialised with that
// of the input.
func checkOrder(pkg *syntax.Package, order []*types.Initializer) error {
	before, after := initialised(pkg, pkg.Info.InitOrder), initialised(pkg, order)
	if slices.Equal(before, after) {
		return nil
	}
	var files []*ast.File // perhaps they were type-checked in another order
	for _, f := range pkg.Files {
		files = append(files, f.Syntax)
	}
	before = initialised(pkg, pkg.InitOrder(files))
	for i, v := range before {
		if i >= len(after) || v != after[i] {
			return fmt.Errorf("%s is initialised in another order", v)
		}
	}
	return nil
}

// initialised returns the names of the variables of pkg in the order in which they get their
// values, but for those that have them from the start.
func initialised(pkg *syntax.Package, order []*types.Initializer) (names []string) {
	plain := map[string]bool{"_": true}
	for _, init := range pkg.Info.InitOrder {
		for _, v := range init.Lhs {
			plain[v.Name()] = plain[v.Name()] || analysis.IsPlain(pkg.Info, init.Rhs)
		}
	}
	for _, init := range order {
		for _, v := range init.Lhs {
			if !plain[v.Name()] && pkg.Types.Scope().Lookup(v.Name()) != nil { // and not the runtime's
				names = append(names, v.Name())
			}
		}
	}
	return names
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
