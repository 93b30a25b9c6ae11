package plan

import (
	"os"
	"strings"
	"testing"
)

// TestKinds checks that docs/explain.md lists each kind of reason, and no other.
func TestKinds(t *testing.T) {
	page, err := os.ReadFile("../../../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| kind | of | args |")
	listed := map[Kind]bool{}
	for line := range strings.Lines(table) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			listed[Kind(name)] = true
		}
	}
	for k := range sentences {
		if !listed[k] {
			t.Errorf("%s is not in docs/explain.md", k)
		}
		delete(listed, k)
	}
	for k := range listed {
		t.Errorf("%s is in docs/explain.md, and there is no such kind", k)
	}
}

// TestStrategies checks that docs/explain.md lists each strategy, and no other.
func TestStrategies(t *testing.T) {
	page, err := os.ReadFile("../../../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| --- | --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	listed := map[string]bool{}
	for line := range strings.Lines(table) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		listed[name] = true
	}
	for _, s := range strategies {
		if !listed[s.Name] {
			t.Errorf("%s is not in docs/explain.md", s.Name)
		}
		delete(listed, s.Name)
	}
	for name := range listed {
		t.Errorf("%s is in docs/explain.md, and there is no such strategy", name)
	}
}
