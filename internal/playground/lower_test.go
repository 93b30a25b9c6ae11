package playground

import (
	"fmt"
	"go/importer"
	"strings"
	"testing"
)

func newWorld() *World {
	return &World{
		Importer:   importer.Default(),
		Recovering: func(string) ([]string, bool) { return nil, true },
	}
}

func TestLower(t *testing.T) {
	w := newWorld()
	const program = "package main\n\nimport \"sync\"\n\nfunc main() {\n\tvar mu sync.Mutex\n\tmu.Lock()\n\tdefer mu.Unlock()\n\tprintln()\n}\n"
	got := w.Lower(Request{Src: program})
	if len(got.Errors) > 0 {
		t.Fatal(got.Errors)
	}
	if strings.Contains(got.Code, "defer") || !strings.Contains(got.Code, "mu.Unlock()") {
		t.Errorf("lowered:\n%s", got.Code)
	}
	if d := got.View.Decls[0]; len(d.Src) != 10 || len(d.Out) != strings.Count(got.Code, "\n") {
		t.Errorf("%d lines before, %d after", len(d.Src), len(d.Out))
	}
	if f := got.View.Functions; len(f) != 1 || f[0].Name != "main" || len(f[0].Sites) != 1 {
		t.Errorf("functions: %+v", f)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ src, unwind, want string }{
		{"package", "", "1:8: expected 'IDENT', found 'EOF'"},
		{"package p\n\nvar x int = \"\"\n", "", "3:13: cannot use \"\" (untyped string constant) as int value in variable declaration"},
		{"package p\n\nimport \"no/such\"\n", "", "3:8: could not import no/such"},
		{"package p\n\nimport \"C\"\n", "", "3:0: cgo is not for the playground"},
		{"package p\n", "maybe", "0:0: unwind: want native or none"},
		{"", "", "1:1: expected 'package', found 'EOF'"},
	} {
		got := newWorld().Lower(Request{Src: test.src, Unwind: test.unwind})
		if len(got.Errors) == 0 {
			t.Errorf("%q: no error", test.src)
			continue
		}
		e := got.Errors[0]
		if text := strings.TrimSpace(join(e)); !strings.HasPrefix(text, test.want) {
			t.Errorf("%q: %s; want %s", test.src, text, test.want)
		}
	}
}

func join(e Error) string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Text)
}
