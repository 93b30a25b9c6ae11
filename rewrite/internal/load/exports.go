package load

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// shared is what the packages of a load have in common: the texts that stand for
// files, and the types of imports, from the export data that the go command keeps.
// Several goroutines may use it.
type shared struct {
	Source
	fset  *token.FileSet
	dir   string              // absolute, of the go command
	files map[string][]string // the Go files of all packages, by path
	deps  map[string]*packages.Package

	mu    sync.Mutex // one export data is read at a time, into all the packages that it mentions
	types map[*packages.Package]*types.Package
}

func newShared(s *Setup, roots []*packages.Package) *shared {
	sh := &shared{
		Source: Source{s.Overlay}, fset: token.NewFileSet(), dir: s.Dir,
		files: map[string][]string{}, deps: map[string]*packages.Package{}, types: map[*packages.Package]*types.Package{},
	}
	packages.Visit(roots, nil, func(p *packages.Package) {
		external := p.ForTest != "" && p.ForTest != p.PkgPath
		if !external && len(p.GoFiles) > len(sh.files[p.PkgPath]) { // with its tests
			sh.files[p.PkgPath] = p.GoFiles
		}
		if p.ForTest == "" {
			sh.deps[p.PkgPath] = p
		}
	})
	return sh
}

var errNoSource = errors.New("it has no Go files")

// typesOf returns the types of p, complete.
func (sh *shared) typesOf(p *packages.Package) (*types.Package, error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.complete(p)
}

func (sh *shared) complete(p *packages.Package) (*types.Package, error) {
	if p.PkgPath == "unsafe" {
		return types.Unsafe, nil
	}
	if t := sh.types[p]; t != nil && t.Complete() {
		return t, nil
	}
	switch {
	case p.ExportFile != "":
	case len(p.CompiledGoFiles) > 0: // there is something wrong with it
		sh.types[p] = sh.fromSource(p)
		return sh.types[p], nil
	default:
		return nil, errNoSource
	}
	f, err := os.Open(p.ExportFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, err
	}
	// Export data names packages by path, which may be those of several: with
	// and without the tests of another one.
	seen := map[string]*types.Package{}
	sh.mentioned(p, seen)
	t, err := gcexportdata.Read(r, sh.fset, seen, p.PkgPath)
	if err != nil && len(p.CompiledGoFiles) > 0 { // it is in a form that a newer Go writes
		sh.types[p] = sh.fromSource(p)
		return sh.types[p], nil
	}
	return t, err
}

// mentioned adds p and all packages that it depends on to seen.
func (sh *shared) mentioned(p *packages.Package, seen map[string]*types.Package) {
	if seen[p.PkgPath] != nil || p.PkgPath == "unsafe" {
		return
	}
	if sh.types[p] == nil {
		sh.types[p] = types.NewPackage(p.PkgPath, p.Name)
	}
	seen[p.PkgPath] = sh.types[p]
	for _, imp := range p.Imports {
		sh.mentioned(imp, seen)
	}
}

// fromSource returns the types that p declares, from its source. What is wrong with
// it is told by Open, if p is to be rewritten.
func (sh *shared) fromSource(p *packages.Package) *types.Package {
	var files []*ast.File
	for _, name := range p.CompiledGoFiles {
		if data, err := sh.Read(name); err == nil {
			f, _ := sh.parse(name, data)
			files = append(files, f)
		}
	}
	conf := types.Config{
		Importer: importFunc(func(path string) (*types.Package, error) {
			if imp := p.Imports[path]; imp != nil {
				return sh.complete(imp)
			}
			return sh.complete(&packages.Package{PkgPath: path})
		}),
		IgnoreFuncBodies: true,
		Sizes:            p.TypesSizes,
		Error:            func(error) {},
	}
	t, _ := conf.Check(p.PkgPath, sh.fset, files, nil)
	t.MarkComplete()
	return t
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }
