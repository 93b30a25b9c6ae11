package analyzer

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	deferanalysis "github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

//go:embed doc.go
var doc string

// Analyzer reports what is odd about defer statements and calls of recover.
var Analyzer = &analysis.Analyzer{
	Name:      "dedefer",
	Doc:       summary(doc),
	URL:       "https://pkg.go.dev/github.com/dedefer/dedefer/rewrite/analyzer",
	Run:       run,
	FactTypes: []analysis.Fact{new(known)},
}

var explicit bool

func init() {
	Analyzer.Flags.BoolVar(&explicit, "explicit", false, "offer to make the defer statements of each function explicit")
}

// summary returns the text of the package comment of doc.go, with the line that
// a list of analyzers shows in front.
func summary(src string) string {
	_, text, _ := strings.Cut(src, "/*\n")
	text, _, _ = strings.Cut(text, "\n*/")
	return "look for defers that pile up, never run or read a variable early, and for recovers that cannot fire\n\n" + text
}

// store asks the facts of the packages that the pass imports.
type store struct {
	pass *analysis.Pass
	own  *facts.Package
}

func (s *store) Get(fn *types.Func) (facts.Func, bool) {
	if fn.Pkg() == nil {
		return facts.Func{}, false
	}
	p := s.own
	if fn.Pkg() != s.pass.Pkg {
		var k known
		if !s.pass.ImportPackageFact(fn.Pkg(), &k) {
			return facts.Func{}, false
		}
		p = &k.Package
	}
	f, ok := p.Funcs[facts.Name(fn)]
	return f, ok
}

func (s *store) Set(p *facts.Package) { s.own = p }

func run(pass *analysis.Pass) (any, error) {
	pkg, err := packageOf(pass)
	if err != nil {
		return nil, err
	}
	st := &store{pass: pass, own: &facts.Package{Path: pkg.Path, Funcs: map[string]facts.Func{}}}
	for _, f := range pkg.Files {
		facts.Scan(st.own.Funcs, f.Name, f.Src, f.Syntax)
	}
	facts.Resolve(st.own.Funcs, pkg.Types.Scope())
	pass.ExportPackageFact(&known{*st.own})
	c := &checker{pass: pass, pkg: pkg, called: onlyCalled(pass)}
	for _, f := range pkg.Files {
		if ast.IsGenerated(f.Syntax) {
			continue
		}
		for _, u := range deferanalysis.File(pkg, f, st, true) {
			for _, fn := range u.Funcs {
				c.function(fn)
			}
		}
		c.recovers(f)
	}
	if explicit {
		return nil, c.explicit(st)
	}
	return nil, nil
}

// packageOf returns the package of a pass as the steps want it.
func packageOf(pass *analysis.Pass) (*syntax.Package, error) {
	pkg := &syntax.Package{
		Path: pass.Pkg.Path(), Fset: pass.Fset, Types: pass.Pkg, Info: pass.TypesInfo, Sizes: pass.TypesSizes,
		GoVersion: pass.Pkg.GoVersion(), Importer: importer{pass.Pkg},
	}
	for _, f := range pass.Files {
		name := pass.Fset.PositionFor(f.Package, false).Filename
		src, err := pass.ReadFile(name)
		if err != nil {
			return nil, err
		}
		pkg.Files = append(pkg.Files, &syntax.File{Name: name, Src: src, Syntax: f})
	}
	pkg.Complete()
	return pkg, nil
}

// importer finds the packages that a package imports already.
type importer struct{ pkg *types.Package }

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	for _, p := range i.pkg.Imports() {
		if p.Path() == path {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s does not import %q", i.pkg.Path(), path)
}
