package lowering_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/lower"
	"github.com/dedefer/dedefer/rewrite/internal/nopanic"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// TestPlanIsData plans the functions of the goldens twice and lowers one of the
// plans: both say the same before, and still do so after it. So plan decides
// everything, by nothing but what it is given, and lower writes nothing into it.
func TestPlanIsData(t *testing.T) {
	names, err := filepath.Glob("../../testdata/golden/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p := newProgram(ar)
			if p.cgo {
				t.Skip("cgo")
			}
			pkg := &lowering.Package{Path: p.path, Fset: fset, Importer: p, GoVersion: p.version, Files: p.files}
			if err := pkg.TypeCheck(nil); err != nil {
				t.Skip(err) // another test is about it
			}
			for _, native := range []bool{true, false} {
				planTwice(t, pkg, native)
			}
		})
	}
}

func planTwice(t *testing.T, pkg *lowering.Package, native bool) {
	units := func() (list []*plan.Unit) {
		known := lowering.NewFacts()
		globals := analysis.NewGlobals(pkg)
		opts := plan.Options{Native: native, Prover: nopanic.New(pkg, known, globals), Globals: globals, Facts: known}
		for _, f := range pkg.Files {
			imports := plan.NewImports(plan.NewNames(f.Syntax, pkg.Types, pkg.Info), pkg.Elsewhere)
			for _, u := range analysis.File(pkg, f, known, native) {
				list = append(list, plan.New(u, opts, imports, "dedefer."))
			}
		}
		return list
	}
	lowered, kept := units(), units()
	for i, u := range lowered {
		before := data(u)
		if diff := cmp.Diff(before, data(kept[i])); diff != "" {
			t.Errorf("native %v: planned twice (-first +second):\n%s", native, diff)
		}
		if _, err := lower.Unit(u); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(before, data(u)); diff != "" {
			t.Errorf("native %v: lowering changes the plan (-before +after):\n%s", native, diff)
		}
	}
}

// data writes down what a plan says: all that is exported, as far as package
// plan declares it. What it points to of the syntax and the types is told by
// its kind.
func data(u *plan.Unit) string {
	d := &dumper{seen: map[any]int{}, home: reflect.TypeFor[plan.Unit]().PkgPath()}
	for _, f := range u.Funcs {
		d.value(reflect.ValueOf(f), 0)
	}
	return d.String()
}

type dumper struct {
	bytes.Buffer
	seen map[any]int // pointers, by their number
	home string
}

func (d *dumper) value(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		switch {
		case v.IsNil():
			d.WriteString("nil\n")
		case v.Elem().Kind() != reflect.Struct || v.Elem().Type().PkgPath() != d.home || v.Elem().Type() == reflect.TypeFor[plan.Unit]():
			fmt.Fprintf(d, "a %v\n", v.Type())
		case d.seen[v.Interface()] > 0:
			fmt.Fprintf(d, "#%d\n", d.seen[v.Interface()])
		default:
			d.seen[v.Interface()] = len(d.seen) + 1
			fmt.Fprintf(d, "#%d = ", len(d.seen))
			d.value(v.Elem(), depth)
		}
	case reflect.Struct:
		fmt.Fprintf(d, "%v\n", v.Type())
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fmt.Fprintf(d, "%s%s: ", strings.Repeat("\t", depth+1), f.Name)
				d.value(v.Field(i), depth+1)
			}
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(d, "%d of %v\n", v.Len(), v.Type())
		for i := range v.Len() {
			d.WriteString(strings.Repeat("\t", depth+1))
			d.value(v.Index(i), depth+1)
		}
	case reflect.Map:
		var lines []string
		for _, k := range v.MapKeys() {
			lines = append(lines, fmt.Sprintf("%v: %v", kind(k), kind(v.MapIndex(k))))
		}
		slices.Sort(lines)
		fmt.Fprintf(d, "%s\n", strings.Join(lines, ", "))
	case reflect.Interface:
		fmt.Fprintf(d, "%s\n", kind(v))
	default:
		fmt.Fprintf(d, "%v\n", v)
	}
}

// kind names a value that is told by its kind; a string, a number or a bool in
// full.
func kind(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String, reflect.Bool, reflect.Int:
		return fmt.Sprint(v)
	case reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return v.Elem().Type().String()
	}
	return v.Type().String()
}
