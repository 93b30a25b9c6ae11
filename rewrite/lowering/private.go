package lowering

import (
	"fmt"
	"go/ast"
	"strings"

	"github.com/dedefer/dedefer/runtime"
)

// freshPrefix returns a prefix that no identifier in the files of pkg has.
func freshPrefix(pkg *Package) string {
	prefix := "dedefer_"
	for i := 2; hasPrefix(pkg, prefix); i++ {
		prefix = fmt.Sprintf("dedefer%d_", i)
	}
	return prefix
}

func hasPrefix(pkg *Package, prefix string) (found bool) {
	for name := range pkg.Elsewhere {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	look := func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && strings.HasPrefix(id.Name, prefix)
		return !found
	}
	for _, f := range pkg.Files {
		if strings.Contains(string(f.Src), prefix) {
			ast.Inspect(f.Syntax, look)
		}
	}
	for _, f := range pkg.Extra {
		ast.Inspect(f, look)
	}
	return found
}

// copy returns the copy of the runtime that the package needs for use.
func (l *lowerer) copy(use runtime.Use) *runtime.Copy {
	if l.copies == nil {
		l.copies = map[runtime.Use]*runtime.Copy{}
	}
	if l.copies[use] == nil {
		l.copies[use] = runtime.NewCopy(l.pkg.Types.Name(), l.prefix, use)
	}
	return l.copies[use]
}

// lacks returns the first predeclared name that a copy of the runtime for use
// needs and the package has declared anew, such as bool: no file of the package can
// name the predeclared one then. It is "" where there is none.
func (l *lowerer) lacks(use runtime.Use) string {
	if !l.opts.Private || use == (runtime.Use{}) {
		return ""
	}
	for _, name := range l.copy(use).Names {
		if l.pkg.Types.Scope().Lookup(name) != nil {
			return name
		}
	}
	return ""
}
