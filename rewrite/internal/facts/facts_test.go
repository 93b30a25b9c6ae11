package facts_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

const src = `package p

import "runtime"

type T[E any] struct{}

func (t *T[E]) Close() { recover() }
func (T[E]) Len() int  { return len(func() string { recover(); return "" }()) }

func Plain()  {}
func quit() {
	defer Plain()
	runtime.Goexit()
}
func Shared() { _ = recover() }
`

func parse(t *testing.T) (*token.FileSet, *ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return fset, f
}

func TestScan(t *testing.T) {
	_, f := parse(t)
	got := map[string]facts.Func{}
	facts.Scan(got, "p.go", []byte(src), f)
	want := map[string]facts.Func{
		"T.Close": {Recovers: true, File: "p.go"},
		"T.Len":   {File: "p.go"}, // its literal does, not the method
		"Plain":   {File: "p.go"},
		"Shared":  {Recovers: true, File: "p.go"},
		"quit":    {Goexit: facts.Position{File: "p.go", Line: 13, Col: 2}, File: "p.go"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestMemory asks for functions as the steps do: by what the type checker says.
func TestMemory(t *testing.T) {
	fset, f := parse(t)
	conf := types.Config{Error: func(error) {}} // nothing is known of package runtime
	pkg, _ := conf.Check("p", fset, []*ast.File{f}, nil)
	source := &facts.Source{
		Fset: fset, Files: func(string) []string { return []string{"p.go"} },
		Read: func(string) ([]byte, error) { return []byte(src), nil },
	}
	store := facts.NewMemory(source)
	closeMethod, _, _ := types.LookupFieldOrMethod(types.NewPointer(pkg.Scope().Lookup("T").Type()), true, pkg, "Close")
	ask := func(obj types.Object, known, recovers bool) {
		t.Helper()
		if got, ok := store.Get(obj.(*types.Func)); ok != known || got.Recovers != recovers {
			t.Errorf("%v: known %v, recovers %v", obj, ok, got.Recovers)
		}
	}
	ask(closeMethod, true, true)
	ask(pkg.Scope().Lookup("Plain"), true, false)
	store.Set(&facts.Package{Path: "p", Funcs: map[string]facts.Func{"Plain": {Recovers: true}}})
	ask(pkg.Scope().Lookup("Plain"), true, true)
	ask(closeMethod, false, false) // the store knows of p now, and not of this
	ask(types.Universe.Lookup("error").Type().Underlying().(*types.Interface).Method(0), false, false)
}
