package plan

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// Names hands out identifiers that are not in use.
type Names struct {
	outer map[string]bool // shared by all Names of a file, and never changed
	used  map[string]bool
	made  map[string]bool // those of used that Fresh has handed out
	next  map[string]int  // the number to try first behind a hint
	info  *types.Info
}

// NewNames returns the identifiers that may not be used for something new in
// file: those that stand there and are no field or method, and those of its
// imports, of the package and of the universe.
func NewNames(file *ast.File, pkg *types.Package, info *types.Info) *Names {
	outer := map[string]bool{"_": true, "init": true, "main": true, "C": true}
	for _, spec := range file.Imports {
		if imp, ok := importedName(info, spec); ok {
			outer[imp.Name()] = true
		}
	}
	for _, scope := range []*types.Scope{pkg.Scope(), types.Universe} {
		for _, name := range scope.Names() {
			outer[name] = true
		}
	}
	return (&Names{outer: outer, info: info}).inside(file)
}

// inside returns the identifiers that may not be used for something new in n,
// a part of the file.
func (n *Names) inside(node ast.Node) *Names {
	names := &Names{outer: n.outer, used: map[string]bool{}, made: map[string]bool{}, next: map[string]int{}, info: n.info}
	names.collect(node)
	return names
}

func (n *Names) collect(node ast.Node) {
	ast.Inspect(node, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SelectorExpr:
			n.collect(m.X)
			return false
		case *ast.Ident:
			if !n.member(m) {
				n.used[m.Name] = true
			}
		}
		return true
	})
}

// member reports whether id is the name of a field or of a method.
func (n *Names) member(id *ast.Ident) bool {
	obj := n.info.Uses[id] // of an embedded field, that is its type
	if obj == nil {
		obj = n.info.Defs[id]
	}
	switch obj := obj.(type) {
	case *types.Var:
		return obj.IsField()
	case *types.Func:
		return obj.Signature().Recv() != nil
	}
	return false
}

// Use notes that name is in use.
func (n *Names) Use(name string) { n.used[name], n.made[name] = true, true }

func (n *Names) taken(name string) bool {
	return n.outer[name] || n.used[name] || token.IsKeyword(name)
}

// Fresh returns hint, or hint with a number where that is in use: "active",
// "active1".
func (n *Names) Fresh(hint string) string {
	name := hint
	for n.taken(name) {
		n.next[hint]++
		name = fmt.Sprint(hint, n.next[hint])
	}
	n.used[name], n.made[name] = true, true
	return name
}

// Local returns the first of the hints that is free in a part of the declaration,
// where it may be in use elsewhere. free reports whether the part uses a name for
// nothing else. Where none is free, Local does what Fresh does with the first.
func (n *Names) Local(free func(name string) bool, hints ...string) string {
	for _, name := range hints {
		if !n.outer[name] && !n.made[name] && !token.IsKeyword(name) && free(name) {
			n.used[name] = true
			return name
		}
	}
	return n.Fresh(hints[0])
}

func importedName(info *types.Info, spec *ast.ImportSpec) (*types.PkgName, bool) {
	if spec.Name != nil {
		p, ok := info.Defs[spec.Name].(*types.PkgName)
		if !ok && spec.Name.Name == "." {
			p, ok = info.Implicits[spec].(*types.PkgName)
		}
		return p, ok
	}
	p, ok := info.Implicits[spec].(*types.PkgName)
	return p, ok
}
