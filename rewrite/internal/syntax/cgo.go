package syntax

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Of what cgo declares for C.f, go/types looks for the variable that holds the address
// of f before it looks for the function (cgoPrefixes in go/types/call.go). So it finds
// no function where a package has both:
//
//	C.f(1)                          // _Cfunc_f
//	C.each(C.callback(C.f))         // _Cfpvar_fp_f
//
// While it reads such a package, the first line is C.f·called(1), and
// _Cfunc_f·called is declared, too.

const (
	funcPrefix    = "_Cfunc_"
	addressPrefix = "_Cfpvar_fp_"
	called        = "·called" // no name of C or Go ends so
)

// separateCalls renames calls in files. It returns the file that declares their names,
// nil where there is none, and what takes the renaming back.
func separateCalls(files []*ast.File) (decls *ast.File, restore func()) {
	functions := addressed(files)
	if len(functions) == 0 {
		return nil, func() {}
	}
	decls = &ast.File{Name: files[0].Name}
	for name, f := range functions {
		decls.Decls = append(decls.Decls, &ast.FuncDecl{Name: ast.NewIdent(funcPrefix + name + called), Type: f.Type})
	}
	var renamed []*ast.Ident
	for _, f := range files {
		if declaresC(f) {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && isC(sel.X) && functions[sel.Sel.Name] != nil {
				sel.Sel.Name += called
				renamed = append(renamed, sel.Sel)
			}
			return true
		})
	}
	return decls, func() {
		for _, id := range renamed {
			id.Name = strings.TrimSuffix(id.Name, called)
		}
	}
}

func isC(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == "C"
}

// declaresC reports whether C may stand for something else in f than the package.
func declaresC(f *ast.File) bool {
	if !slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"C"` }) {
		return true
	}
	qualifies := map[*ast.Ident]bool{}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				qualifies[id] = true
			}
		case *ast.Ident:
			found = found || n.Name == "C" && !qualifies[n]
		}
		return !found
	})
	return found
}

// addressed returns the C functions that the package calls and takes the address
// of, by name.
func addressed(files []*ast.File) map[string]*ast.FuncDecl {
	functions, variables := map[string]*ast.FuncDecl{}, map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if name, ok := strings.CutPrefix(d.Name.Name, funcPrefix); ok && d.Recv == nil {
					functions[name] = d
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					addressVariables(d, variables)
				}
			}
		}
	}
	for name := range functions {
		if !variables[name] {
			delete(functions, name)
		}
	}
	return functions
}

// addressVariables adds those that d declares to names.
func addressVariables(d *ast.GenDecl, names map[string]bool) {
	for _, s := range d.Specs {
		for _, id := range s.(*ast.ValueSpec).Names {
			if name, ok := strings.CutPrefix(id.Name, addressPrefix); ok {
				names[name] = true
			}
		}
	}
}

// run type-checks files.
func (p *Package) run(conf *types.Config, pkg *types.Package, files []*ast.File, info *types.Info) error {
	if p.Cgo {
		decls, restore := separateCalls(files)
		defer restore()
		if decls != nil {
			files = append(files[:len(files):len(files)], decls)
		}
	}
	return types.NewChecker(conf, p.Fset, pkg, info).Files(files)
}
