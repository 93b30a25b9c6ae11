package plan

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Names hands out identifiers that are not in use.
type Names struct {
	outer map[string]bool // shared by all Names of a file, and never changed
	used  map[string]bool // shared, as what follows, by all Names of a declaration
	made  owners          // which function has what Fresh has handed out
	lent  owners          // and Local
	masks owners          // and Mask
	fn    ast.Node        // the function that names are for; nil: the whole declaration
	next  map[string]int  // the number to try first behind a hint
	info  *types.Info
}

// owners are the functions that each name was made for. Functions that stand beside one
// another may have the same names:
//
//	go func() { wg := &t.wg; … }()
//	go func() { wg := &t.wg; … }()
type owners map[string][]ast.Node

// bars reports whether a function has name that fn is, holds or stands in.
func (o owners) bars(name string, fn ast.Node) bool {
	return slices.ContainsFunc(o[name], func(owner ast.Node) bool {
		return owner == nil || fn == nil || within(owner, fn) || within(fn, owner)
	})
}

// within reports whether inner is outer or stands in it.
func within(inner, outer ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
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
	names := &Names{outer: n.outer, used: map[string]bool{}, made: owners{}, lent: owners{}, masks: owners{}, next: map[string]int{}, info: n.info}
	names.collect(node)
	return names
}

// of returns the Names of a function in the declaration.
func (n *Names) of(fn ast.Node) *Names {
	names := *n
	names.fn, names.next = fn, map[string]int{}
	return &names
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
func (n *Names) Use(name string) { n.made[name] = append(n.made[name], n.fn) }

func (n *Names) taken(name string) bool {
	return n.takenBut(name) || n.masks.bars(name, n.fn)
}

// takenBut is taken, where the variables of masks do not count.
func (n *Names) takenBut(name string) bool {
	return n.outer[name] || n.used[name] || n.made.bars(name, n.fn) || n.lent.bars(name, n.fn) || token.IsKeyword(name)
}

// Fresh returns hint, or hint with a number where that is in use: "active",
// "active1".
func (n *Names) Fresh(hint string) string {
	name := hint
	for n.taken(name) {
		n.next[hint]++
		name = fmt.Sprint(hint, n.next[hint])
	}
	n.Use(name)
	return name
}

// Mask is Fresh for a variable that may have the name of one of another mask, in a function
// around or inside of this one.
func (n *Names) Mask(hint string) string {
	if n.takenBut(hint) {
		return n.Fresh(hint)
	}
	n.masks[hint] = append(n.masks[hint], n.fn)
	return hint
}

// Local returns the first of the hints that is free in a part of the declaration,
// where it may be in use elsewhere. free reports whether the part uses a name for
// nothing else. Where none is free, Local does what Fresh does with the first.
func (n *Names) Local(free func(name string) bool, hints ...string) string {
	for _, name := range hints {
		if !n.outer[name] && !n.made.bars(name, n.fn) && !n.masks.bars(name, n.fn) && !token.IsKeyword(name) && free(name) {
			n.lent[name] = append(n.lent[name], n.fn)
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
