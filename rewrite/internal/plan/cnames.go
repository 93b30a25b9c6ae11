package plan

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

// cType is the prefix of what cgo declares for a type of C.
const cType = "_Ctype_"

// isOfC reports whether cgo declares obj.
func isOfC(obj *types.TypeName) bool { return strings.HasPrefix(obj.Name(), cType) }

// unnamed matches the names that cgo makes up for types that have none in C.
var unnamed = regexp.MustCompile(`^(struct|union|enum|class)___\d+$`)

// always are the types of C that cgo knows in every file, used there or not.
var always = []string{
	"char", "schar", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "longlong", "ulonglong",
	"float", "double", "complexfloat", "complexdouble", "size_t",
}

// cNames returns the names by which a file may write the types that cgo declares: int
// for _Ctype_int, where C.int can be written.
func cNames(file *ast.File, info *types.Info, pkg *types.Package) map[*types.TypeName]string {
	names := map[*types.TypeName]string{}
	w := cWalker{names: names, seen: map[types.Type]bool{}}
	for _, name := range always {
		if obj, ok := pkg.Scope().Lookup(cType + name).(*types.TypeName); ok {
			w.add(obj)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == "C" {
			if obj := info.Uses[sel.Sel]; obj != nil && info.Selections[sel] == nil {
				if t, ok := obj.(*types.TypeName); ok {
					w.add(t)
				}
				w.walk(obj.Type())
			}
		}
		return true
	})
	// A struct without a tag has the name that a typedef gives it.
	for _, name := range pkg.Scope().Names() {
		alias, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !isOfC(alias) || unnamed.MatchString(strings.TrimPrefix(name, cType)) {
			continue
		}
		named, ok := types.Unalias(alias.Type()).(*types.Named)
		if ok && w.seen[named] && names[named.Obj()] == "" {
			names[named.Obj()] = strings.TrimPrefix(name, cType)
		}
	}
	return names
}

// A cWalker visits all that types are made of.
type cWalker struct {
	names map[*types.TypeName]string
	seen  map[types.Type]bool
}

func (w *cWalker) add(obj *types.TypeName) {
	name, ok := strings.CutPrefix(obj.Name(), cType)
	if ok && name != "void" && !unnamed.MatchString(name) {
		w.names[obj] = name
	}
}

func (w *cWalker) walk(t types.Type) {
	if t == nil || w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		w.add(t.Obj())
		w.walk(t.Rhs())
	case *types.Named:
		w.add(t.Obj())
		if isOfC(t.Obj()) {
			w.walk(t.Underlying())
		}
	case *types.Pointer:
		w.walk(t.Elem())
	case *types.Slice:
		w.walk(t.Elem())
	case *types.Array:
		w.walk(t.Elem())
	case *types.Struct:
		for i := range t.NumFields() {
			w.walk(t.Field(i).Type())
		}
	case *types.Signature:
		for _, list := range []*types.Tuple{t.Params(), t.Results()} {
			for i := range list.Len() {
				w.walk(list.At(i).Type())
			}
		}
	}
}
