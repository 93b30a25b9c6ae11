package load

import (
	"bytes"
	"go/token"
	"slices"

	"golang.org/x/tools/go/packages"
)

func usesCgo(p *packages.Package) bool {
	return slices.ContainsFunc(p.CompiledGoFiles, func(name string) bool {
		return !slices.Contains(p.GoFiles, name)
	})
}

// loadCgo parses what a package that uses cgo needs besides its original
// files. The names of package C come from _cgo_gotypes.go, which the go command
// leaves among the compiled files: C.f is then the object _Cfunc_f, C.int the
// type _Ctype_int.
func (p *Package) loadCgo() (errs Errors) {
	for _, name := range p.pkg.CompiledGoFiles {
		data, err := p.shared.Read(name)
		if err != nil || !bytes.Contains(data, goTypesMark) {
			continue
		}
		f, err := p.shared.parse(name, data)
		errs = append(errs, syntaxErrors(err)...)
		p.Extra = append(p.Extra, f)
	}
	if len(p.Extra) == 0 {
		errs = append(errs, Error{token.Position{Filename: p.Sources[0]}, "cgo's type declarations are missing"})
	}
	return errs
}

// goTypesMark stands in the file that cgo writes as _cgo_gotypes.go and the go
// command keeps in its cache by another name.
var goTypesMark = []byte("\nvar _Cgo_always_false bool\n")
