package analyzer

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	deferanalysis "github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// recovers looks at the calls of recover in a file.
func (c *checker) recovers(file *syntax.File) {
	for _, decl := range file.Syntax.Decls {
		d, ok := decl.(*ast.FuncDecl)
		switch {
		case !ok:
			c.recoversIn(decl, "")
		case d.Body != nil:
			c.recoversIn(d.Body, c.neverDeferred(d))
		}
	}
}

// neverDeferred says why no deferred call can be one of d; "" where one can.
func (c *checker) neverDeferred(d *ast.FuncDecl) string {
	fn, _ := c.pkg.Info.Defs[d.Name].(*types.Func)
	switch {
	case d.Recv != nil || fn == nil:
		return ""
	case d.Name.Name == "init" || d.Name.Name == "main" && c.pkg.Types.Name() == "main":
		return "no deferred call is one of " + d.Name.Name
	case c.called[fn]:
		return "nothing defers " + d.Name.Name
	}
	return ""
}

// recoversIn reports the calls of recover in n that cannot fire: those that n
// makes itself if why says so, and those of literals inside it.
func (c *checker) recoversIn(n ast.Node, why string) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			c.recoversIn(m.Body, "") // somebody may defer it
			return false
		case *ast.DeferStmt:
			if deferanalysis.BuiltinName(c.pkg.Info, m.Call) == "recover" {
				c.cannotFire(m, "a recover that is deferred itself stops no panic of this function")
				return false
			}
			if c.recoversInCall(m.Call, "", why) {
				return false
			}
		case *ast.GoStmt:
			if c.recoversInCall(m.Call, "the go statement calls the function, and nothing defers it", why) {
				return false
			}
		case *ast.CallExpr:
			if c.recoversInCall(m, "the function is called in place, and not deferred", why) {
				return false
			}
			if why != "" && deferanalysis.BuiltinName(c.pkg.Info, m) == "recover" {
				c.cannotFire(m, "this recover cannot fire: "+why)
			}
		}
		return true
	})
}

// recoversInCall is recoversIn for a call of a literal, whose body has a reason of
// its own, inside; the operands have that of what is around the call. It reports
// whether call is one.
func (c *checker) recoversInCall(call *ast.CallExpr, inside, around string) bool {
	lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit)
	if !ok {
		return false
	}
	c.recoversIn(lit.Body, inside)
	for _, arg := range call.Args {
		c.recoversIn(arg, around)
	}
	return true
}

func (c *checker) cannotFire(n ast.Node, msg string) {
	c.pass.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Category: "recover", Message: msg})
}

// onlyCalled finds the functions of the package, other than methods, that are
// called, never deferred or used in another way, and not visible elsewhere.
func onlyCalled(pass *analysis.Pass) map[*types.Func]bool {
	called := map[*types.Func]bool{}
	otherwise := map[*types.Func]bool{}
	for _, f := range pass.Files {
		plain := map[*ast.Ident]bool{} // what calls call that are not deferred
		deferred := map[*ast.CallExpr]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.DeferStmt:
				deferred[n.Call] = true
			case *ast.CallExpr:
				if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && !deferred[n] {
					plain[id] = true
				}
			case *ast.Ident:
				fn, ok := pass.TypesInfo.Uses[n].(*types.Func)
				if !ok || fn.Pkg() != pass.Pkg {
					return true
				}
				if plain[n] && !fn.Exported() {
					called[fn] = true
				} else {
					otherwise[fn] = true
				}
			}
			return true
		})
		if strings.Contains(pass.Fset.File(f.Pos()).Name(), "_cgo_") {
			return nil
		}
	}
	for fn := range otherwise {
		delete(called, fn)
	}
	return called
}
