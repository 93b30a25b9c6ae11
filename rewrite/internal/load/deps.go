package load

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/tools/go/packages"
)

// A Dep is a package of another module, or of the standard library, that
// packages of the main module need.
type Dep struct {
	Path string
	Dir  string
	Std  bool
}

// Deps lists what the packages that patterns match need, and their tests if cfg
// has them, in order of the paths. Of package C and what is unsafe, there is nothing.
func Deps(ctx context.Context, cfg Config, patterns ...string) ([]Dep, error) {
	s, err := setupFor(ctx, cfg)
	if err != nil {
		return nil, err
	}
	roots, err := s.list(ctx, packages.NeedName|packages.NeedFiles|packages.NeedImports|packages.NeedDeps|packages.NeedModule, cfg.Tests, patterns...)
	if err != nil {
		return nil, err
	}
	var deps []Dep
	seen := map[string]bool{}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if seen[p.PkgPath] || p.Dir == "" || len(p.GoFiles) == 0 || p.PkgPath == "unsafe" || p.Module != nil && p.Module.Main || p.ForTest != "" {
			return
		}
		dep := Dep{p.PkgPath, p.Dir, p.Module == nil && std(p) != nil}
		if p.Module != nil || dep.Std {
			seen[p.PkgPath] = true
			deps = append(deps, dep)
		}
	})
	slices.SortFunc(deps, func(a, b Dep) int { return cmp.Compare(a.Path, b.Path) })
	return deps, nil
}
