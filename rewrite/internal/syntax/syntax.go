// Package syntax has the one form in which a package comes to the steps that
// lower it: parsed and type-checked, wherever it is from. The module driver makes
// it from the go command's list of a module, a compile action from its command
// line, an analyzer from its pass, a test from a string:
//
//	fset := token.NewFileSet()
//	file := &syntax.File{Name: "p.go", Src: src}
//	file.Syntax, err = parser.ParseFile(fset, file.Name, src, parser.ParseComments|parser.SkipObjectResolution)
//	pkg := &syntax.Package{Path: "p", Fset: fset, Files: []*syntax.File{file}, Importer: importer.Default()}
//	err = pkg.TypeCheck(nil)
package syntax

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"reflect"
	"slices"
	"unsafe"
)

// A Package is a package, or one with its in-package tests.
type Package struct {
	Path      string // as imported
	Fset      *token.FileSet
	Files     []*File
	Extra     []*ast.File // type-checked along, never rewritten: cgo's declarations
	Types     *types.Package
	Info      *types.Info
	Sizes     types.Sizes       // nil: those of gc for amd64
	GoVersion string            // language version, such as "go1.26"; "" for the newest
	Imports   map[string]string // what its files import: the path as they write it, and that of the package it names
	Importer  types.Importer
	Elsewhere map[string]bool     // names that files of the package declare that are not among Files: those of other builds
	Assigned  map[string]bool     // names that files other than Files, and assembly, may assign to; nil where that is not known
	Starts    map[string]bool     // functions and methods of such files that may start a goroutine; "" for their initialisers
	Refs      map[string][]string // names that functions and variables of such files mention, by their own
	Inits     map[string]bool     // variables that such files initialise: by a call?
	Recover   map[string]bool     // functions that call recover in files other than Files, by the name that facts has for them
	Cgo       bool                // files import "C", and Extra has what cgo makes of it
	OneBuild  bool                // Files are all that this build has, and the output is for this build only
}

// A File is one Go source file.
type File struct {
	Name    string // absolute, where there is a file of that name
	Src     []byte
	Syntax  *ast.File // with comments
	Version string    // language version, such as "go1.21"
	Cgo     bool      // it imports "C"
}

// GoAtLeast reports whether the language version of f is v, such as "go1.22",
// or later. A file of no version is of the newest.
func (f *File) GoAtLeast(v string) bool {
	return f.Version == "" || version.Compare(f.Version, v) >= 0
}

// NewInfo returns an empty types.Info with all that the steps ask for.
func NewInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}

// Declaration returns the declaration of a function or method; nil where it is in no
// file of p.
func (p *Package) Declaration(fn *types.Func) *ast.FuncDecl {
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && p.Info.Defs[d.Name] == fn {
				return d
			}
		}
	}
	return nil
}

// TypeCheck fills in Types and Info of a package whose files are parsed, and
// tells each error. With onError nil it stops at the first one, which it returns.
// Types may be set to an empty package before.
func (p *Package) TypeCheck(onError func(error)) error {
	if p.Types == nil {
		name := "_"
		if len(p.Files) > 0 {
			name = p.Files[0].Syntax.Name.Name
		}
		p.Types = types.NewPackage(p.Path, name)
	}
	p.Info = NewInfo()
	var files []*ast.File
	for _, f := range p.Files {
		files = append(files, f.Syntax)
	}
	err := p.run(p.Checker(onError), p.Types, append(files, p.Extra...), p.Info)
	p.Complete()
	return err
}

// Complete fills in what follows from Types and Info, of a package that somebody
// else type-checked: the language versions of the files, and Imports, where that
// is nil.
func (p *Package) Complete() {
	for _, f := range p.Files {
		f.Version = cmp.Or(p.Info.FileVersions[f.Syntax], p.GoVersion)
	}
	if p.Sizes == nil {
		p.Sizes = types.SizesFor("gc", "amd64")
	}
	if p.Imports == nil {
		p.Imports = map[string]string{}
		for _, imp := range p.Types.Imports() {
			p.Imports[imp.Path()] = imp.Path()
		}
	}
}

// Checker returns a configuration that type-checks files in place of p's own.
func (p *Package) Checker(onError func(error)) *types.Config {
	conf := &types.Config{
		Importer:  p.Importer,
		Sizes:     p.Sizes,
		GoVersion: p.GoVersion,
		Error:     onError,
	}
	if p.Cgo {
		setUsesCgo(conf)
	}
	return conf
}

// setUsesCgo sets the one field of types.Config that is not exported. It is
// what the go command's own tools do (golang.org/x/tools/internal/typesinternal,
// SetUsesCgo).
func setUsesCgo(conf *types.Config) {
	f := reflect.ValueOf(conf).Elem().FieldByName("go115UsesCgo")
	*(*bool)(unsafe.Pointer(f.UnsafeAddr())) = true
}

// Check type-checks files of p.Fset as if they were p's. It returns the order in which their
// variables are initialised, and the first error.
func (p *Package) Check(files []*ast.File, importer types.Importer) ([]*types.Initializer, error) {
	var first error
	info := &types.Info{}
	conf := p.Checker(func(err error) { first = cmp.Or(first, err) })
	conf.Importer = importer
	err := p.run(conf, types.NewPackage(p.Path, p.Types.Name()), files, info)
	return info.InitOrder, cmp.Or(first, err)
}

// InitOrder returns the order in which the variables that files declare are initialised.
// The files are p's, in any order, and have been type-checked.
func (p *Package) InitOrder(files []*ast.File) []*types.Initializer {
	info := &types.Info{}
	_ = p.run(p.Checker(func(error) {}), types.NewPackage(p.Path, p.Types.Name()), append(slices.Clone(files), p.Extra...), info)
	return info.InitOrder
}
