package build

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoDeferLeft builds whole programs without defer statements, looks for
// functions that call the runtime for them nevertheless, and runs the programs.
func TestNoDeferLeft(t *testing.T) {
	for _, test := range []struct {
		module string
		long   bool
		prep   func(m *module)
	}{
		{module: "hello"},
		{module: "http", long: true},
		{module: "gin", long: true, prep: func(m *module) { m.ok("go", "mod", "tidy") }},
	} {
		t.Run(test.module, func(t *testing.T) {
			if test.long {
				long(t)
			}
			m := unpack(t, test.module)
			if test.prep != nil {
				test.prep(m)
			}
			exe, _ := m.build(all, ".")
			if got := callers(t, exe); len(got) > 0 {
				t.Errorf("%d functions call the runtime for a defer statement:\n%s", len(got), strings.Join(got, "\n"))
			}
			if !test.long {
				m.ok(exe)
				return
			}
			original, _ := m.build(plain, ".")
			if got := callers(t, original); len(got) < 100 {
				t.Errorf("only %d functions call it in the original", len(got))
			}
			if diff := cmp.Diff(m.says(original), m.says(exe)); diff != "" {
				t.Errorf("(-plain +none):\n%s", diff)
			}
			if a, b := size(t, exe), size(t, original); a > b {
				t.Errorf("text grew from %d to %d bytes", b, a)
			}
			lowered, _ := m.build(way{"-scope=all"}, ".")
			if diff := cmp.Diff(m.says(original), m.says(lowered)); diff != "" {
				t.Errorf("(-plain +native):\n%s", diff)
			}
		})
	}
}

// size returns the number of bytes of an executable's code.
func size(t *testing.T, exe string) uint64 {
	t.Helper()
	n, err := textSize(exe)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
