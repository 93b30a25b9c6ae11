package plan

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A spelling is how the types of one declaration are written, and which imports
// that takes.
type spelling struct {
	pkg      *syntax.Package
	file     *syntax.File
	names    *Names // all identifiers in use in the declaration
	imports  *Imports
	imported map[string]string          // the names by which it uses added imports, by path
	ofC      map[*types.TypeName]string // see speller.ofC; nil until it is asked
}

// A speller writes one type for one place.
type speller struct {
	*spelling
	scope
	at place
	b  strings.Builder
	ok bool
}

func (sp *speller) typ(t types.Type) {
	if !sp.ok {
		return
	}
	switch t := t.(type) {
	case *types.Basic:
		sp.basic(t)
	case *types.Alias:
		if !sp.tryNamed(t.Obj(), t.TypeArgs()) {
			sp.typ(types.Unalias(t))
		}
	case *types.Named:
		if !sp.tryNamed(t.Obj(), t.TypeArgs()) {
			sp.ok = false
		}
	case *types.TypeParam:
		sp.ident(t.Obj())
	case *types.Pointer:
		sp.b.WriteByte('*')
		sp.typ(t.Elem())
	case *types.Slice:
		sp.b.WriteString("[]")
		sp.typ(t.Elem())
	case *types.Array:
		fmt.Fprintf(&sp.b, "[%d]", t.Len())
		sp.typ(t.Elem())
	case *types.Map:
		sp.b.WriteString("map[")
		sp.typ(t.Key())
		sp.b.WriteByte(']')
		sp.typ(t.Elem())
	case *types.Chan:
		sp.channel(t)
	case *types.Signature:
		sp.b.WriteString("func")
		sp.signature(t)
	case *types.Struct:
		sp.structure(t)
	case *types.Interface:
		sp.iface(t)
	default:
		sp.ok = false
	}
}

func (sp *speller) basic(t *types.Basic) {
	if t.Kind() == types.UnsafePointer {
		sp.ok = sp.qualified(types.Unsafe, "Pointer")
		return
	}
	obj := types.Universe.Lookup(t.Name())
	if t.Info()&types.IsUntyped != 0 || obj == nil {
		sp.ok = false
		return
	}
	sp.ident(obj)
}

func (sp *speller) ident(obj types.Object) {
	if !sp.visible(obj, obj.Name(), sp.at.scope, sp.at.pos) {
		sp.ok = false
		return
	}
	sp.b.WriteString(obj.Name())
}

// tryNamed writes a type by its name, and reports whether that is possible.
func (sp *speller) tryNamed(obj *types.TypeName, args *types.TypeList) bool {
	pkg := obj.Pkg()
	switch {
	case pkg == nil || pkg == sp.pkg.Types:
		if isOfC(obj) {
			return sp.ofC(obj)
		}
		if !sp.visible(obj, obj.Name(), sp.at.scope, sp.at.pos) {
			return false
		}
		sp.b.WriteString(obj.Name())
	case !obj.Exported() || obj.Parent() != pkg.Scope():
		return false
	case !sp.qualified(pkg, obj.Name()):
		return false
	}
	if args.Len() == 0 {
		return true
	}
	sp.b.WriteByte('[')
	for i := range args.Len() {
		if i > 0 {
			sp.b.WriteString(", ")
		}
		sp.typ(args.At(i))
	}
	sp.b.WriteByte(']')
	return sp.ok
}

// qualified writes pkg.name by an import of the file. Where the file has
// none, but another file of the package shows that it may, one is added.
func (sp *speller) qualified(pkg *types.Package, name string) bool {
	for _, spec := range sp.file.Syntax.Imports {
		imported, ok := importedName(sp.info, spec)
		if !ok || imported.Imported() != pkg || imported.Name() == "_" {
			continue
		}
		if imported.Name() == "." {
			obj := pkg.Scope().Lookup(name)
			if obj != nil && sp.visible(obj, name, sp.at.scope, sp.at.pos) {
				sp.b.WriteString(name)
				return true
			}
			continue
		}
		if sp.visible(imported, imported.Name(), sp.at.scope, sp.at.pos) {
			sp.b.WriteString(imported.Name() + "." + name)
			return true
		}
	}
	for path, full := range sp.pkg.Imports {
		if full != pkg.Path() || path == "C" {
			continue
		}
		if sp.imported[path] == "" {
			sp.imported[path] = sp.imports.add(path, pkg.Name(), sp.names)
			sp.names.Use(sp.imported[path])
		}
		sp.b.WriteString(sp.imported[path] + "." + name)
		return true
	}
	return false
}

func (sp *speller) channel(t *types.Chan) {
	switch t.Dir() {
	case types.SendOnly:
		sp.b.WriteString("chan<- ")
	case types.RecvOnly:
		sp.b.WriteString("<-chan ")
	default:
		sp.b.WriteString("chan ")
		if c, ok := t.Elem().(*types.Chan); ok && c.Dir() == types.RecvOnly {
			sp.b.WriteByte('(')
			sp.typ(c)
			sp.b.WriteByte(')')
			return
		}
	}
	sp.typ(t.Elem())
}

// signature writes parameters, without names, and results.
func (sp *speller) signature(t *types.Signature) {
	sp.b.WriteByte('(')
	for i := range t.Params().Len() {
		if i > 0 {
			sp.b.WriteString(", ")
		}
		p := t.Params().At(i).Type()
		if t.Variadic() && i == t.Params().Len()-1 {
			sp.b.WriteString("...")
			if s, ok := p.(*types.Slice); ok {
				p = s.Elem()
			}
		}
		sp.typ(p)
	}
	sp.b.WriteByte(')')
	res := t.Results()
	if res.Len() == 0 {
		return
	}
	sp.b.WriteByte(' ')
	if res.Len() == 1 {
		sp.typ(res.At(0).Type())
		return
	}
	sp.b.WriteByte('(')
	for i := range res.Len() {
		if i > 0 {
			sp.b.WriteString(", ")
		}
		sp.typ(res.At(i).Type())
	}
	sp.b.WriteByte(')')
}

func (sp *speller) structure(t *types.Struct) {
	sp.b.WriteString("struct{")
	for i := range t.NumFields() {
		fd := t.Field(i)
		if !fd.Exported() && fd.Pkg() != sp.pkg.Types {
			sp.ok = false
			return
		}
		if i > 0 {
			sp.b.WriteString("; ")
		}
		if !fd.Embedded() {
			sp.b.WriteString(fd.Name() + " ")
		}
		if alias, ok := fd.Type().(*types.Alias); ok && fd.Embedded() { // its name is the field's
			sp.ok = sp.ok && sp.tryNamed(alias.Obj(), alias.TypeArgs())
		} else {
			sp.typ(fd.Type())
		}
		if tag := t.Tag(i); tag != "" {
			sp.b.WriteString(" " + strconv.Quote(tag))
		}
	}
	sp.b.WriteByte('}')
}

func (sp *speller) iface(t *types.Interface) {
	if t.Empty() {
		if anyObj := types.Universe.Lookup("any"); sp.file.GoAtLeast("go1.18") && sp.visible(anyObj, "any", sp.at.scope, sp.at.pos) {
			sp.b.WriteString("any")
			return
		}
	}
	sp.b.WriteString("interface{")
	sep := ""
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		if !m.Exported() && m.Pkg() != sp.pkg.Types {
			sp.ok = false
			return
		}
		sp.b.WriteString(sep + m.Name())
		sp.signature(m.Signature())
		sep = "; "
	}
	for i := range t.NumEmbeddeds() {
		sp.b.WriteString(sep)
		sep = "; "
		if u, ok := t.EmbeddedType(i).(*types.Union); ok {
			for j := range u.Len() {
				if j > 0 {
					sp.b.WriteString(" | ")
				}
				if u.Term(j).Tilde() {
					sp.b.WriteByte('~')
				}
				sp.typ(u.Term(j).Type())
			}
			continue
		}
		sp.typ(t.EmbeddedType(i))
	}
	sp.b.WriteByte('}')
}

// ofC writes C.name for a type that cgo declares. The name has to be one of C, and
// one that the preamble of the file declares: that is known where the file uses it,
// or something that is made of it.
func (sp *speller) ofC(obj *types.TypeName) bool {
	if !sp.file.Cgo {
		return false
	}
	if sp.spelling.ofC == nil {
		sp.spelling.ofC = cNames(sp.file.Syntax, sp.info, sp.pkg.Types)
	}
	name := sp.spelling.ofC[obj]
	if name == "" || !sp.importVisible("C") {
		return false
	}
	sp.b.WriteString("C." + name)
	return true
}

// importVisible reports whether name stands for an import.
func (sp *speller) importVisible(name string) bool {
	scope := sp.at.scope
	if scope == nil {
		scope = sp.fn.Innermost(sp.at.pos)
	}
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(name, sp.at.pos)
	_, ok := obj.(*types.PkgName)
	return ok
}
