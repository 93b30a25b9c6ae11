package load

import (
	"bytes"
	"errors"
	"go/ast"
	"go/types"
	"reflect"
	"unsafe"
)

// checkCgo type-checks the original files of a package that uses cgo. The
// names of package C come from _cgo_gotypes.go, which the go command leaves
// among the compiled files: C.f is then the object _Cfunc_f, C.int the type
// _Ctype_int.
func (p *Package) checkCgo(src *sources) error {
	info := &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
	var files []*ast.File
	for _, name := range p.pkg.GoFiles {
		f, err := src.parse(p.Fset, name, mustRead(src, name))
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	for _, name := range p.pkg.CompiledGoFiles {
		data := mustRead(src, name)
		if !bytes.Contains(data, goTypesMark) {
			continue
		}
		f, err := src.parse(p.Fset, name, data)
		if err != nil {
			return err
		}
		p.Extra = append(p.Extra, f)
	}
	if len(p.Extra) == 0 {
		return errNoCgoTypes
	}
	var errs Errors
	conf := p.Checker(func(err error) {
		var te types.Error
		if errors.As(err, &te) {
			errs = append(errs, Error{te.Fset.Position(te.Pos), te.Msg})
		}
	})
	tp, _ := conf.Check(p.Path, p.Fset, append(files, p.Extra...), info)
	if len(errs) > 0 {
		return sorted(errs)
	}
	p.Types, p.Info = tp, info
	for _, f := range files {
		if err := p.addFile(p.Fset.PositionFor(f.FileStart, false).Filename, f, src); err != nil {
			return err
		}
	}
	return nil
}

// goTypesMark stands in the file that cgo writes as _cgo_gotypes.go and the go
// command keeps in its cache by another name.
var goTypesMark = []byte("\nvar _Cgo_always_false bool\n")

func mustRead(src *sources, name string) []byte {
	data, err := src.read(name)
	if err != nil {
		return nil // the parser says that the file is empty
	}
	return data
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

// setUsesCgo sets the one field of types.Config that is not exported. It is
// what the go command's own tools do (golang.org/x/tools/internal/typesinternal,
// SetUsesCgo).
func setUsesCgo(conf *types.Config) {
	f := reflect.ValueOf(conf).Elem().FieldByName("go115UsesCgo")
	*(*bool)(unsafe.Pointer(f.UnsafeAddr())) = true
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
