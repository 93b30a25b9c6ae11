package plan

import (
	"fmt"
	"maps"
)

// A Qualifier goes before the names of the bundled runtime: "dedefer." where it
// is imported by that name, "dedefer_" where the package has a copy of its own whose
// names begin so.
type Qualifier string

// Of returns how lowered code writes a name of the bundled runtime.
func (q Qualifier) Of(name string) string { return string(q) + name }

// Imports are what the units of a file import together.
type Imports struct {
	Added []Import // for a type's sake
	names *Names   // all identifiers of the file
	taken map[string]bool
}

// An Import is that of a package by a name.
type Import struct {
	Path, Name string
	Own        bool // Name is the package's own
}

// NewImports returns an empty set for the file. Of its names, those that it declares
// inside of functions are in no import's way; elsewhere are more names that the
// package has.
func NewImports(names *Names, elsewhere map[string]bool) *Imports {
	taken := maps.Clone(names.outer)
	maps.Copy(taken, elsewhere)
	return &Imports{names: names, taken: taken}
}

// add returns the name by which a package called own is imported, one that is not
// taken in a part of the file.
func (im *Imports) add(path, own string, part *Names) string {
	for _, imp := range im.Added {
		if imp.Path == path && !part.taken(imp.Name) {
			return imp.Name
		}
	}
	name := own
	for i := 1; im.taken[name] || part.taken(name); i++ {
		name = fmt.Sprint(own, i)
	}
	im.taken[name] = true
	im.Added = append(im.Added, Import{Path: path, Name: name, Own: name == own})
	return name
}
