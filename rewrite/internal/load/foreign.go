package load

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
)

// ours returns those of roots that belong to the main module.
func ours(roots []*packages.Package) (list []*packages.Package) {
	for _, p := range roots {
		if p.Module != nil && p.Module.Main {
			list = append(list, p)
		}
	}
	return list
}

// withForeign returns roots without the tests of other modules, which the go
// command lists, too, and fills in the module of packages of std.
func withForeign(roots []*packages.Package) []*packages.Package {
	roots = slices.DeleteFunc(roots, func(p *packages.Package) bool {
		return p.ForTest != "" && (p.Module == nil || !p.Module.Main)
	})
	for _, p := range roots {
		if p.Module == nil && p.Dir != "" {
			p.Module = std(p)
		}
	}
	return roots
}

// std returns the module of a package of the standard library; nil for others.
func std(p *packages.Package) *packages.Module {
	dir, ok := strings.CutSuffix(p.Dir, filepath.FromSlash("/"+p.PkgPath))
	if !ok {
		return nil
	}
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	mod, err := modfile.ParseLax(name, data, nil)
	if err != nil || mod.Module == nil || mod.Module.Mod.Path != "std" {
		return nil
	}
	m := &packages.Module{Path: "std", Dir: dir, GoMod: name}
	if mod.Go != nil {
		m.GoVersion = mod.Go.Version
	}
	return m
}
