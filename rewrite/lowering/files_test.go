package lowering_test

import (
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestFilesGoDown checks that the files of plan and of lower can be put in an order
// in which each uses only what is declared in those below it: no two files need one
// another, not even by way of others.
func TestFilesGoDown(t *testing.T) {
	// With all syntax, no export data is read, whose form a newer Go may change.
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax}, "../internal/plan", "../internal/lower")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors[0])
		}
		if cycle := findCycle(usedFiles(p)); cycle != nil {
			t.Errorf("%s: %s", p.Name, strings.Join(cycle, " uses "))
		}
	}
}

// usedFiles returns, for each file of p, the others that declare what it names.
func usedFiles(p *packages.Package) map[string]map[string]bool {
	file := func(obj types.Object) string { return filepath.Base(p.Fset.Position(obj.Pos()).Filename) }
	uses := map[string]map[string]bool{}
	for _, f := range p.Syntax {
		name := filepath.Base(p.Fset.Position(f.Pos()).Filename)
		uses[name] = map[string]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if obj := p.TypesInfo.Uses[id]; ok && obj != nil && obj.Pkg() == p.Types && file(obj) != name {
				uses[name][file(obj)] = true
			}
			return true
		})
	}
	return uses
}

// findCycle returns a way from some file back to itself, or nil.
func findCycle(uses map[string]map[string]bool) []string {
	done := map[string]bool{}
	var visit func(name string, way []string) []string
	visit = func(name string, way []string) []string {
		if i := slices.Index(way, name); i >= 0 {
			return append(slices.Clone(way[i:]), name)
		}
		if done[name] {
			return nil
		}
		done[name] = true
		for _, used := range slices.Sorted(maps.Keys(uses[name])) {
			if cycle := visit(used, append(way, name)); cycle != nil {
				return cycle
			}
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		if cycle := visit(name, nil); cycle != nil {
			return cycle
		}
	}
	return nil
}
