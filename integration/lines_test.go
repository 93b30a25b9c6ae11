package integration

import (
	"path/filepath"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestLines runs a program that prints its own line numbers: with -lines they
// are those of the original.
func TestLines(t *testing.T) {
	src := filepath.Join(root, "integration", "testdata", "lines")
	dir := t.TempDir()
	exe := filepath.Join(dir, harness.Exe("lines"))
	if err := harness.GoBuild(src, exe); err != nil {
		t.Fatal(err)
	}
	want, err := harness.Command{Args: []string{exe}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	if _, err := rewrite(src, "-lines", "-o", out); err != nil {
		t.Fatal(err)
	}
	diff, err := runAndCompare(out, exe, program{want: want})
	if err != nil {
		t.Fatal(err)
	}
	if diff != "" {
		t.Error(diff)
	}
}
