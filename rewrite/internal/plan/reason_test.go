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
