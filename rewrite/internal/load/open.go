package load

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"slices"

	"golang.org/x/tools/go/packages"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A Package is one type-checked package, or one with its in-package tests.
type Package struct {
	*syntax.Package
	*Listed
}

// Open parses and type-checks a package.
func (l *Listed) Open() (*Package, Errors) {
	p := &Package{Listed: l, Package: &syntax.Package{
		Path: l.Path, Fset: l.shared.fset, Sizes: l.pkg.TypesSizes, Imports: map[string]string{},
		Importer: l, Cgo: usesCgo(l.pkg),
	}}
	if l.Module.GoVersion != "" {
		p.GoVersion = "go" + l.Module.GoVersion
	}
	for path, imp := range l.pkg.Imports {
		p.Imports[path] = imp.PkgPath
	}
	if errs := p.parseAll(); len(errs) > 0 {
		return nil, l.syntaxComplaints(errs)
	}
	if errs := l.complaints(p.check()); len(errs) > 0 {
		return nil, errs
	}
	p.elsewhere()
	return p, nil
}

// OpenDep parses and type-checks the package with this path, which a listed one
// depends on. It returns nil where that cannot be done.
func (r *Result) OpenDep(path string) *syntax.Package {
	p := r.shared.deps[path]
	if p == nil || len(p.GoFiles) == 0 {
		return nil
	}
	l := newListed(p, r.shared)
	if l.Module == nil { // of the standard library
		l.Module = &packages.Module{}
	}
	open, errs := l.Open()
	if len(errs) > 0 {
		return nil
	}
	return open.Package
}

// parseAll parses the files of p.
func (p *Package) parseAll() (errs Errors) {
	for _, name := range p.pkg.GoFiles { // the compiler's order
		f := &syntax.File{Name: name, Cgo: p.UsesCgo(name)}
		errs = append(errs, p.parse(f)...)
		if f.Syntax != nil {
			p.Files = append(p.Files, f)
		}
	}
	return errs
}

// check type-checks p.
func (p *Package) check() (errs Errors) {
	if p.Cgo {
		errs = p.loadCgo()
	}
	p.Types = types.NewPackage(p.Package.Path, p.pkg.Name)
	// Its error is the first of those that it has told.
	_ = p.TypeCheck(func(err error) { errs = append(errs, typeError(err)) })
	if len(errs) == 0 {
		errs = p.brokenUse()
	}
	slices.SortFunc(p.Files, func(a, b *syntax.File) int { return cmp.Compare(a.Name, b.Name) })
	return errs
}

// parse reads and parses f, which has a name.
func (p *Package) parse(f *syntax.File) Errors {
	var err error
	if f.Src, err = p.shared.Read(f.Name); err != nil {
		return Errors{unreadable(f.Name, err)}
	}
	f.Syntax, err = p.shared.parse(f.Name, f.Src)
	return syntaxErrors(err)
}

func (sh *shared) parse(name string, src []byte) (*ast.File, error) {
	return parser.ParseFile(sh.fset, name, src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
}

var errNoCgo = errors.New("cgo does not translate it")

// Import implements types.Importer with the packages that l was listed with.
func (l *Listed) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	imp := l.pkg.Imports[path]
	switch {
	case imp == nil && path == "C":
		return nil, errNoCgo
	case imp == nil:
		return nil, fmt.Errorf("no package %q, or an import cycle", path)
	}
	return l.shared.typesOf(imp)
}

// Read returns the text of a source of l.
func (l *Listed) Read(name string) ([]byte, error) { return l.shared.Read(name) }

// UsesCgo reports whether the source of l with this name imports "C".
func (l *Listed) UsesCgo(name string) bool {
	return usesCgo(l.pkg) && !slices.Contains(l.pkg.CompiledGoFiles, name)
}

// FilesOf returns the names of the Go files of the package with this path, one
// that is listed or that a listed one depends on. With its tests it has theirs.
func (r *Result) FilesOf(path string) []string { return r.shared.files[path] }
