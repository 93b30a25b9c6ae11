package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"strings"

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
		late, inOrder := early(g.pkg)
		g.changed, g.made = map[*types.Var]bool{}, map[*types.Var]bool{}
		maps.Copy(g.changed, late)
		for _, f := range g.pkg.Files {
			g.look(f.Syntax)
		}
		for _, f := range g.pkg.Extra {
			g.look(f)
		}
		if inOrder {
			g.findMade()
		}
	}
}

func (g *Globals) findMade() {
	for _, f := range g.pkg.Files {
		for _, d := range f.Syntax.Decls {
			d, ok := d.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, id := range spec.Names {
					if v, ok := g.pkg.Info.Defs[id].(*types.Var); ok && i < len(spec.Values) && len(spec.Names) == len(spec.Values) {
						g.made[v] = Makes(g.pkg.Info, spec.Values[i])
					}
				}
			}
		}
	}
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
