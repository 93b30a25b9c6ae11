package lowering

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"sync"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// Recovering returns the names of the functions of a file that call recover
// themselves, such as "F" and "T.M", sorted. It needs the syntax only.
func Recovering(name string, src []byte, syn *ast.File) []string {
	funcs := map[string]facts.Func{}
	facts.Scan(funcs, name, src, syn)
	maps.DeleteFunc(funcs, func(_ string, f facts.Func) bool { return !f.Recovers })
	return slices.Sorted(maps.Keys(funcs))
}

// RecoverFacts returns facts by which, in each package for which recovering returns
// ok, the named functions call recover, and no others do. recovering is asked once
// for each package.
func RecoverFacts(recovering func(path string) (names []string, ok bool)) Facts {
	return facts.NewMemory(&recoverFacts{recovering: recovering, packages: map[string]*recoverPackage{}})
}

type recoverFacts struct {
	recovering func(string) ([]string, bool)

	mu       sync.Mutex
	packages map[string]*recoverPackage
}

type recoverPackage struct {
	names []string
	known bool
}

func (r *recoverFacts) Get(fn *types.Func) (f facts.Func, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	path := fn.Pkg().Path()
	p := r.packages[path]
	if p == nil {
		p = &recoverPackage{}
		p.names, p.known = r.recovering(path)
		r.packages[path] = p
	}
	recovers := slices.ContainsFunc(p.names, func(name string) bool { return facts.MayDeclare(name, fn) })
	return facts.Func{Recovers: recovers}, p.known
}

// Set does nothing: recovering tells.
func (r *recoverFacts) Set(*facts.Package) {}

// IsRuntime reports whether path may be that of the bundled runtime in a module.
func IsRuntime(path string) bool { return analysis.IsRuntimePath(path) }
