package load

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// elsewhere looks at the files in p's directory that are not among p.Files: tests
// that are not loaded, and what other builds have. What they declare for all files of
// the package, no import of the output must be named like:
//
//	import "example.com/m/internal/dedefer" // in a.go
//
//	var dedefer int // in a_windows.go: dedefer already declared through import of package
//
// And what holds of p has to hold with them in place of others: a variable keeps its
// value if they do not assign to it either, and a function does not recover if what
// they call so does not.
func (p *Package) elsewhere() {
	l := p.Listed
	defers := slices.ContainsFunc(p.Files, func(f *syntax.File) bool { return bytes.Contains(f.Src, []byte("defer")) })
	p.Elsewhere, p.Assigned, p.Starts, p.Recover = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	p.Refs, p.Inits = map[string][]string{}, map[string]bool{}
	for _, name := range l.shared.GoFiles(l.Dir) {
		if slices.ContainsFunc(p.Files, func(f *syntax.File) bool { return f.Name == name }) {
			continue
		}
		src, err := l.shared.Read(name)
		if err != nil || !defers && !facts.RecoverWord.Match(src) {
			continue // no build has it, or it matters to nobody
		}
		f, _ := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution|parser.ParseComments)
		if f == nil || f.Name.Name != l.pkg.Name {
			continue
		}
		recovering(name, src, f, p.Recover)
		analysis.AssignedIn(f, p.Assigned)
		if !slices.Contains(l.Sources, name) {
			declared(f, p.Elsewhere)
			analysis.StartedIn(f, p.Starts)
			analysis.RefsIn(f, p.Refs, p.Inits)
		}
	}
	for _, name := range slices.Concat(l.pkg.OtherFiles, l.pkg.IgnoredFiles) {
		if ext := filepath.Ext(name); ext == ".s" || ext == ".S" {
			p.assembly(name, map[string]bool{})
		}
	}
}

// assembly notes what a file of assembly, or what it includes, may assign to.
func (p *Package) assembly(name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	src, _ := p.Listed.shared.Read(name) // without it, no build has it
	for _, m := range asmName.FindAllSubmatch(src, -1) {
		p.Assigned[string(m[1])] = true
	}
	for _, m := range asmInclude.FindAllSubmatch(src, -1) {
		p.assembly(filepath.Join(filepath.Dir(name), filepath.FromSlash(string(m[1]))), seen)
	}
}

// recovering adds the functions of a file that call recover to names.
func recovering(name string, src []byte, f *ast.File, names map[string]bool) {
	funcs := map[string]facts.Func{}
	facts.Scan(funcs, name, src, f)
	for fn, known := range funcs {
		if known.Recovers {
			names[fn] = true
		}
	}
}

// asmName finds the names of the package that assembly uses.
var asmName = regexp.MustCompile(`·(\w+)`)

var asmInclude = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*include[ \t]+"([^"\n]+)"`)

// declared adds the names that f declares for all files of its package.
func declared(f *ast.File, names map[string]bool) {
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range s.Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
}
