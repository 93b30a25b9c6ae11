package load

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
)

// A Package is one type-checked package, or one with its in-package tests.
type Package struct {
	*Listed
	Fset      *token.FileSet
	Types     *types.Package
	Info      *types.Info
	Sizes     types.Sizes
	GoVersion string            // such as "go1.26"
	Imports   map[string]string // import path to the path of the package it names
	Files     []*File
	Extra     []*ast.File // type-checked along, never rewritten: cgo's declarations
}

// A File is one Go source file.
type File struct {
	Name    string // absolute
	Src     []byte
	Syntax  *ast.File
	Version string // language version, such as "go1.21"
	Cgo     bool   // imports "C"
}

// GoAtLeast reports whether the language version of f is go1.minor or later.
func (f *File) GoAtLeast(minor int) bool {
	var have int
	if _, err := fmt.Sscanf(f.Version, "go1.%d", &have); err != nil {
		return true
	}
	return have >= minor
}

// Open parses and type-checks a package.
func (l *Listed) Open() (*Package, Errors) {
	p := &Package{
		Listed: l, Fset: l.shared.fset, Sizes: l.pkg.TypesSizes,
		Info: &types.Info{
			Types:        map[ast.Expr]types.TypeAndValue{},
			Instances:    map[*ast.Ident]types.Instance{},
			Defs:         map[*ast.Ident]types.Object{},
			Uses:         map[*ast.Ident]types.Object{},
			Implicits:    map[ast.Node]types.Object{},
			Selections:   map[*ast.SelectorExpr]*types.Selection{},
			Scopes:       map[ast.Node]*types.Scope{},
			FileVersions: map[*ast.File]string{},
		},
		Imports: map[string]string{},
	}
	if l.Module.GoVersion != "" {
		p.GoVersion = "go" + l.Module.GoVersion
	}
	for path, imp := range l.pkg.Imports {
		p.Imports[path] = imp.PkgPath
	}
	if errs := l.complaints(p.load()); len(errs) > 0 {
		return nil, errs
	}
	for _, f := range p.Files {
		f.Version = cmp.Or(p.Info.FileVersions[f.Syntax], p.GoVersion)
	}
	return p, nil
}

// load parses and type-checks the files of p.
func (p *Package) load() (errs Errors) {
	var files []*ast.File
	for _, name := range p.pkg.GoFiles { // the compiler's order
		f := &File{Name: name, Cgo: p.UsesCgo(name)}
		errs = append(errs, f.parse(p)...)
		if f.Syntax != nil {
			p.Files = append(p.Files, f)
			files = append(files, f.Syntax)
		}
	}
	slices.SortFunc(p.Files, func(a, b *File) int { return cmp.Compare(a.Name, b.Name) })
	if usesCgo(p.pkg) {
		errs = append(errs, p.loadCgo()...)
	}
	p.Types = types.NewPackage(p.Path, p.pkg.Name)
	conf := p.Checker(func(err error) { errs = append(errs, typeError(err)) })
	// Its error is the first of those that it has told.
	_ = types.NewChecker(conf, p.Fset, p.Types, p.Info).Files(append(files, p.Extra...))
	return errs
}

// parse reads and parses f, which has a name.
func (f *File) parse(p *Package) Errors {
	var err error
	if f.Src, err = p.shared.read(f.Name); err != nil {
		return Errors{unreadable(f.Name, err)}
	}
	f.Syntax, err = p.shared.parse(f.Name, f.Src)
	return syntaxErrors(err)
}

func (sh *shared) parse(name string, src []byte) (*ast.File, error) {
	return parser.ParseFile(sh.fset, name, src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
}

// read returns what a file holds.
func (sh *shared) read(name string) ([]byte, error) {
	if data, ok := sh.overlay[name]; ok {
		return data, nil
	}
	return os.ReadFile(name)
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

// Checker returns a configuration that type-checks files in place of p's own.
func (p *Package) Checker(onError func(error)) *types.Config {
	conf := &types.Config{
		Importer:  p,
		Sizes:     p.Sizes,
		GoVersion: p.GoVersion,
		Error:     onError,
	}
	if usesCgo(p.pkg) {
		setUsesCgo(conf)
	}
	return conf
}

// Check type-checks files of p.Fset as if they were p's, and returns the first
// error.
func (p *Package) Check(files []*ast.File, importer types.Importer) error {
	var first error
	conf := p.Checker(func(err error) {
		if first == nil {
			first = err
		}
	})
	conf.Importer = importer
	_, err := conf.Check(p.Path, p.Fset, files, nil)
	if first == nil {
		first = err
	}
	return first
}

// Read returns the text of a source of l.
func (l *Listed) Read(name string) ([]byte, error) { return l.shared.read(name) }

// UsesCgo reports whether one of l's sources, with this name, imports "C".
func (l *Listed) UsesCgo(name string) bool {
	return usesCgo(l.pkg) && !slices.Contains(l.pkg.CompiledGoFiles, name)
}

// FilesOf returns the names of the Go files of p or of a package that it depends
// on.
func (p *Package) FilesOf(pkg *types.Package) []string {
	if pkg == p.Types {
		return p.Sources
	}
	return p.shared.files[pkg.Path()]
}
