package integration

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestLines runs programs that print their own line numbers: with -lines they
// are those of the original. The programs are written like cases.
func TestLines(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "lines", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			p, err := load(file, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			checkOracle(t, p)
			modes := []string{"native"}
			if p.noneOK {
				modes = append(modes, "none")
			}
			for _, mode := range modes {
				dir := t.TempDir()
				out := filepath.Join(dir, "out")
				if _, err := rewrite(p.src, "-lines", "-unwind="+mode, "-o", out); err != nil {
					t.Fatal(err)
				}
				checkBehaviour(t, p, out, filepath.Join(dir, harness.Exe("program")))
				checkFormat(t, p, out)
			}
		})
	}
}
