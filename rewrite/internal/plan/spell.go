package plan

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// spell writes type t as Go source for the place at, or reports that it
// cannot be named there: it is declared inside the body, or belongs to another
// package that does not export it, or one of its names means something else.
func (f *Func) spell(t types.Type, at place) (string, bool) {
	sp := &speller{f: f, at: at, ok: true}
	sp.typ(t)
	return sp.b.String(), sp.ok
}

type speller struct {
	f  *Func
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
	if !sp.f.visible(obj, obj.Name(), sp.at.scope, sp.at.pos) {
		sp.ok = false
		return
	}
	sp.b.WriteString(obj.Name())
}

// tryNamed writes the name of a declared type, if that is possible.
func (sp *speller) tryNamed(obj *types.TypeName, args *types.TypeList) bool {
	pkg := obj.Pkg()
	switch {
	case pkg == nil || pkg == sp.f.Unit.Pkg.Types:
		if isOfC(obj) {
			return sp.ofC(obj)
		}
		if !sp.f.visible(obj, obj.Name(), sp.at.scope, sp.at.pos) {
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
	u := sp.f.Unit
	info := u.Pkg.Info
	for _, spec := range u.File.Syntax.Imports {
		imported, ok := importedName(info, spec)
		if !ok || imported.Imported() != pkg || imported.Name() == "_" {
			continue
		}
		if imported.Name() == "." {
			obj := pkg.Scope().Lookup(name)
			if obj != nil && sp.f.visible(obj, name, sp.at.scope, sp.at.pos) {
				sp.b.WriteString(name)
				return true
			}
			continue
		}
		if sp.f.visible(imported, imported.Name(), sp.at.scope, sp.at.pos) {
			sp.b.WriteString(imported.Name() + "." + name)
			return true
		}
	}
	for path, full := range u.Pkg.Imports {
		if full != pkg.Path() || path == "C" {
			continue
		}
		if u.imported[path] == "" {
			u.imported[path] = u.Imports.add(path, pkg.Name(), u.Names)
			u.Names.Use(u.imported[path])
		}
		sp.b.WriteString(u.imported[path] + "." + name)
		return true
	}
	return false
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
		if !fd.Exported() && fd.Pkg() != sp.f.Unit.Pkg.Types {
			sp.ok = false
			return
		}
		if i > 0 {
			sp.b.WriteString("; ")
		}
		if !fd.Embedded() {
			sp.b.WriteString(fd.Name() + " ")
		}
		sp.typ(fd.Type())
		if tag := t.Tag(i); tag != "" {
			sp.b.WriteString(" " + strconv.Quote(tag))
		}
	}
	sp.b.WriteByte('}')
}

func (sp *speller) iface(t *types.Interface) {
	if t.Empty() {
		if anyObj := types.Universe.Lookup("any"); sp.f.goAtLeast("go1.18") && sp.f.visible(anyObj, "any", sp.at.scope, sp.at.pos) {
			sp.b.WriteString("any")
			return
		}
	}
	sp.b.WriteString("interface{")
	sep := ""
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		if !m.Exported() && m.Pkg() != sp.f.Unit.Pkg.Types {
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
