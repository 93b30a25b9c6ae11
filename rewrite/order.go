package rewrite

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/load"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// OrderChange reports whether the packages would be initialised in another way if
// files had the names they have in renamed, absolute as the names they have now: Go
// initialises variables and runs init functions in the order of the names of the
// files. It complains of one place for each package.
//
// An initialiser that calls nothing and reads no variable may be evaluated at any
// time, and does not count. (go test also runs tests in that order, but does not
// promise it.)
func (p *Program) OrderChange(renamed map[string]string) ErrorList {
	var errs ErrorList
	for _, l := range p.loaded.Packages {
		old := inOrder(l, nil)
		names := inOrder(l, renamed)
		if l.Early || slices.Equal(old, names) {
			continue
		}
		pkg, _ := l.Open()
		if pkg == nil {
			continue // it is left out
		}
		before, after := initSteps(pkg, old), initSteps(pkg, names)
		for i, step := range before {
			if i < len(after) && step != after[i] {
				other := pkg.Fset.PositionFor(after[i].Pos(), false)
				other.Filename = filepath.Base(other.Filename)
				errs = append(errs, Error{
					Pos: pkg.Fset.PositionFor(step.Pos(), false),
					Msg: fmt.Sprintf("this is initialised before %s", other),
				})
				break
			}
		}
	}
	return errs
}

// inOrder returns the files of a package as the compiler gets them: those with
// cgo last, tests behind what they test, otherwise by their names.
func inOrder(l *load.Listed, renamed map[string]string) []string {
	base := func(name string) string { return filepath.Base(cmp.Or(renamed[name], name)) }
	class := func(name string) int {
		switch {
		case l.UsesCgo(name):
			return 2
		case strings.HasSuffix(name, "_test.go"):
			return 1
		}
		return 0
	}
	files := slices.Clone(l.Sources)
	slices.SortStableFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(base(a), base(b)))
	})
	return files
}

// initSteps returns what the initialisation of a package consists of, with
// the files called names in this order: the expressions that variables get, then
// the init functions.
func initSteps(pkg *load.Package, names []string) (steps []ast.Node) {
	var files []*ast.File
	for _, name := range names {
		i := slices.IndexFunc(pkg.Files, func(f *lowering.File) bool { return f.Name == name })
		files = append(files, pkg.Files[i].Syntax)
	}
	for _, init := range pkg.InitOrder(files) {
		if !isFixed(pkg.Info, init.Rhs) {
			steps = append(steps, init.Rhs)
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
				steps = append(steps, d)
			}
		}
	}
	return steps
}

// isFixed reports whether it makes no difference when x is evaluated: it calls
// nothing, receives nothing and reads no variable.
func isFixed(info *types.Info, x ast.Expr) bool {
	fixed := true
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fixed = fixed && (info.Types[n.Fun].IsType() || isNew(info, n))
		case *ast.UnaryExpr:
			fixed = fixed && n.Op != token.ARROW
			if _, ok := ast.Unparen(n.X).(*ast.Ident); ok && n.Op == token.AND {
				return false
			}
		case *ast.Ident:
			v, ok := info.Uses[n].(*types.Var)
			fixed = fixed && (!ok || v.IsField())
		}
		return fixed
	})
	return fixed
}

// isNew reports whether call makes a value, or is a constant.
func isNew(info *types.Info, call *ast.CallExpr) bool {
	if info.Types[call].Value != nil {
		return true
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := info.Uses[id].(*types.Builtin)
	return ok && (b.Name() == "new" || b.Name() == "make")
}
