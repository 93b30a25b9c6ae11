package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// Globals tells which variables of a package keep the value that they are
// declared with, and in which order they get it.
type Globals struct {
	pkg     *syntax.Package
	changed map[*types.Var]bool // nil until somebody asks
	made    map[*types.Var]bool // those that are not nil from the first to the last; known with changed
	Order
}

// NewGlobals returns the Globals of pkg.
func NewGlobals(pkg *syntax.Package) *Globals { return &Globals{pkg: pkg, Order: Order{pkg: pkg}} }

// Fixed reports whether nothing changes v, a variable of the package, while a function
// runs: other packages cannot name it, no statement of this one
// assigns to it or takes its address, in this build or another, and no function runs beside
// its initialiser (see early). The memory of a
// struct or an array can be changed by its methods; those are not looked at.
// Nothing is known where the package does not say what other builds have.
func (g *Globals) Fixed(v *types.Var) bool { return !v.Exported() && g.Unassigned(v) }

// Unassigned is Fixed for a variable that other packages may name, and assign to.
func (g *Globals) Unassigned(v *types.Var) bool {
	if g == nil || g.pkg.Assigned == nil || v.Kind() != types.PackageVar || v.Pkg() != g.pkg.Types || g.pkg.Assigned[v.Name()] || hasPointerMethods(v.Type()) {
		return false
	}
	g.find()
	return !g.changed[v]
}

// Made reports whether v, a variable of the package, is Fixed and never nil: it is declared
// with what make, new, a literal or & gives.
func (g *Globals) Made(v *types.Var) bool { return g.Fixed(v) && g.made[v] }

// find finds what the package changes.
func (g *Globals) find() {
	if g.changed == nil {
		g.changed, g.made = map[*types.Var]bool{}, map[*types.Var]bool{}
		maps.Copy(g.changed, early(g.pkg))
		for _, f := range g.pkg.Files {
			g.look(f.Syntax)
		}
		for _, f := range g.pkg.Extra {
			g.look(f)
		}
		g.findMade()
	}
}

// findMade finds the variables that are made before any function of the package can run: none of the
// initialisers up to theirs calls one, or gives one to another package.
func (g *Globals) findMade() {
	for _, calls := range g.pkg.Inits {
		if calls { // in another build, nobody knows when
			return
		}
	}
	for _, init := range g.pkg.Info.InitOrder {
		if !g.quiet(init.Rhs) {
			return
		}
		if len(init.Lhs) == 1 {
			g.made[init.Lhs[0]] = Makes(g.pkg.Info, init.Rhs)
		}
	}
}

// quiet reports whether evaluating x runs no function of the package, and gives none to others: it
// calls at most functions of other packages with operands that hold none.
//
//	regexp.MustCompile("a+")
func (g *Globals) quiet(x ast.Expr) bool {
	quiet, info := true, g.pkg.Info
	code := &starts{pkg: g.pkg}
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			quiet = quiet && n.Op != token.ARROW
		case *ast.Ident:
			for arg := range info.Instances[n].TypeArgs.Types() {
				quiet = quiet && !code.holdsCode(arg, map[types.Type]bool{})
			}
		case *ast.CallExpr:
			if tv := info.Types[n.Fun]; tv.IsType() || tv.IsBuiltin() {
				quiet = quiet && BuiltinName(info, n) != "panic"
				break
			}
			fn := typeutil.StaticCallee(info, n)
			quiet = quiet && fn != nil && fn.Pkg() != g.pkg.Types && !slices.ContainsFunc(n.Args, code.carries)
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
				quiet = quiet && !code.carries(sel.X)
			}
		}
		return quiet
	})
	return quiet
}

// Makes reports whether x makes a value that is not nil: a literal, &v, make or new.
func Makes(info *types.Info, x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.FuncLit, *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return x.Op == token.AND
	case *ast.CallExpr:
		b := BuiltinName(info, x)
		return b == "make" || b == "new"
	}
	return false
}

// hasPointerMethods reports whether a method, or part of v, can be used to
// change a variable of type t without naming its address.
func hasPointerMethods(t types.Type) bool {
	switch Under(t).(type) {
	case *types.Struct, *types.Array:
		return true
	case *types.Interface:
		return false
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.NumMethods() > 0
}

// look notes which variables file may change.
func (g *Globals) look(file *ast.File) {
	eachChanged(file, func(id *ast.Ident) {
		if v, ok := g.pkg.Info.Uses[id].(*types.Var); ok {
			g.changed[v] = true
		}
	})
	for name := range linknames(file) {
		if v, ok := g.pkg.Types.Scope().Lookup(name).(*types.Var); ok {
			g.changed[v] = true
		}
	}
}

// AssignedIn adds to names the variables of the package that file may assign to, or
// take the address of.
func AssignedIn(file *ast.File, names map[string]bool) {
	eachChanged(file, func(id *ast.Ident) { names[id.Name] = true })
	for name := range linknames(file) {
		names[name] = true
	}
}

// eachChanged visits the identifiers that are assigned to, other than by a
// declaration, or whose address is taken.
func eachChanged(file *ast.File, visit func(*ast.Ident)) {
	change := func(x ast.Expr) {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			visit(id)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, x := range n.Lhs {
					change(x)
				}
			}
		case *ast.IncDecStmt:
			change(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				change(n.Key)
				if n.Value != nil {
					change(n.Value)
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				change(n.X)
			}
		}
		return true
	})
}

// linknames returns the names that //go:linkname comments of file give to
// others.
func linknames(file *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, g := range file.Comments {
		for _, c := range g.List {
			if words := strings.Fields(c.Text); len(words) > 1 && words[0] == "//go:linkname" {
				names[words[1]] = true
			}
		}
	}
	return names
}
