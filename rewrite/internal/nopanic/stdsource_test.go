package nopanic

import (
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// TestStandardSource proves, from the source of the standard library, what it
// can of the table: by the code that proves it of a module's functions. What it
// logs is what the table is still needed for where that source is at hand.
func TestStandardSource(t *testing.T) {
	known := facts.NewMemory()
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "source", nil)
	why := map[string]string{}
	for _, path := range []string{
		"unicode/utf8", "unicode", "math/bits", "math", "errors", "sync/atomic", "sync",
		"strings", "bytes", "strconv", "path", "path/filepath", "time", "os",
	} {
		own := proveSource(t, fset, imports, path, known)
		for full := range standard {
			name, ok := strings.CutPrefix(strings.NewReplacer("(", "", "*", "", ")", "", "[T]", "").Replace(full), path+".")
			if !ok {
				continue
			}
			switch f := own.Funcs[name]; {
			case !f.Proved:
				why[full] = "it is declared elsewhere"
			case f.Panic != nil:
				why[full] = f.Panic.What
			}
		}
	}
	if n := len(standard) - len(why); n < 34 {
		t.Errorf("%d functions of the table follow from their source, 34 did", n)
	}
	for _, name := range []string{"strings.Contains", "(time.Time).Add", "errors.New"} {
		if why[name] != "" {
			t.Errorf("%s no longer follows from its source: %s", name, why[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(why)) {
		t.Logf("%s: %s", name, why[name])
	}
}

// proveSource adds to known what can be proved of a package from its source.
func proveSource(t *testing.T, fset *token.FileSet, imports types.Importer, path string, known facts.Store) *facts.Package {
	t.Helper()
	listed, err := build.Import(path, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg := &syntax.Package{Path: path, Fset: fset, Importer: imports, OneBuild: true}
	for _, base := range listed.GoFiles {
		name := filepath.Join(listed.Dir, base)
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		pkg.Files = append(pkg.Files, &syntax.File{Name: name, Syntax: f})
	}
	if err := pkg.TypeCheck(nil); err != nil {
		t.Fatal(err)
	}
	own := &facts.Package{Path: path, Funcs: map[string]facts.Func{}}
	New(pkg, known, nil).Prove(own.Funcs)
	known.Set(own)
	return own
}
