package load

import (
	"bytes"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Left returns how many defer statements the sources of l hold that are not
// among lowered: so many stay where a package, or its tests, cannot be
// type-checked. whole is false where one cannot even be parsed.
func (l *Listed) Left(lowered []string) (n int, whole bool) {
	whole = true
	for _, name := range l.Sources {
		if slices.Contains(lowered, name) {
			continue
		}
		if src, err := l.shared.Read(name); err == nil {
			n += defers(src)
			_, err = l.shared.parse(name, src)
			whole = whole && err == nil
		}
	}
	return n, whole
}

// defers counts the defer statements of a file, which may have any errors: defer
// is a keyword.
func defers(src []byte) (n int) {
	if !bytes.Contains(src, []byte("defer")) {
		return 0
	}
	var scan scanner.Scanner
	scan.Init(token.NewFileSet().AddFile("", -1, len(src)), src, func(token.Position, string) {}, 0)
	for {
		switch _, tok, _ := scan.Scan(); tok {
		case token.DEFER:
			n++
		case token.EOF:
			return n
		}
	}
}

// tinyGo reports whether path is that of a package of TinyGo's own, which the go
// command finds only in TinyGo's GOROOT.
func tinyGo(path string) bool {
	switch path {
	case "machine", "runtime/volatile", "runtime/interrupt", "tinygo":
		return true
	}
	return path == "device" || strings.HasPrefix(path, "device/") || strings.HasPrefix(path, "machine/")
}

// tinyGoHint says, behind the words of the go command, what to do about a package of
// TinyGo's.
const tinyGoHint = ": it is TinyGo's, and -target NAME finds it (NAME as for tinygo build)"

// brokenUse finds uses of something whose type is not known, because the package that
// declares it does not type-check. go/types does not complain of the use, but nothing
// can be decided about such code.
func (p *Package) brokenUse() (errs Errors) {
	for _, f := range p.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || len(errs) > 0 {
				return len(errs) == 0
			}
			obj := p.Info.Uses[id]
			if obj == nil || obj.Pkg() == nil || obj.Parent() == types.Unsafe.Scope() || obj.Pkg() == p.Types || obj.Pkg().Path() == "C" || !isBroken(obj.Type()) {
				return true
			}
			errs = Errors{{
				withoutOffset(p.Fset.PositionFor(id.Pos(), false)),
				obj.Pkg().Path() + "." + obj.Name() + " has no known type, because package " + obj.Pkg().Path() + " does not type-check",
			}}
			return false
		})
	}
	return errs
}

// isBroken reports whether t is made of a type that is not known, as far as that can
// be seen without the declarations of other types.
func isBroken(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind() == types.Invalid
	case *types.Pointer:
		return isBroken(t.Elem())
	case *types.Slice:
		return isBroken(t.Elem())
	case *types.Array:
		return isBroken(t.Elem())
	case *types.Chan:
		return isBroken(t.Elem())
	case *types.Map:
		return isBroken(t.Key()) || isBroken(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			if isBroken(v.Type()) {
				return true
			}
		}
	case *types.Signature:
		return isBroken(t.Params()) || isBroken(t.Results())
	case *types.Named:
		return slices.ContainsFunc(slices.Collect(t.TypeArgs().Types()), isBroken)
	case *types.Alias:
		return isBroken(types.Unalias(t))
	}
	return false
}
