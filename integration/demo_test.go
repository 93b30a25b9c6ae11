package integration

import (
	"path/filepath"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestDemo runs the README's main command.
func TestDemo(t *testing.T) {
	r, err := harness.Command{Dir: root, Args: []string{"go", "run", "-buildvcs=false", "./integration/demo"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.Stdout)
}

// TestDemoPassesItsTests holds the copier to what the cases are held to, and
// runs its own tests after a rewrite. Those that panic are not for mode none.
func TestDemoPassesItsTests(t *testing.T) {
	src := filepath.Join(root, "testdata", "copier")
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			if !*casesFlag && m.name != "native" && m.name != "none" {
				t.Skip("only with -cases")
			}
			t.Parallel()
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			if _, err := rewrite(src, append(m.flags, "-o", out)...); err != nil {
				t.Fatal(err)
			}
			args := []string{"go", "test", "-count=1"}
			if m.name == "none" {
				args = append(args, "-skip=Panic")
			}
			if _, err := (harness.Command{Dir: out, Args: append(args, "./...")}).RunOK(); err != nil {
				t.Error(err)
			}
			p := program{src: src}
			checkFormat(t, p, out)
			checkUnchanged(t, m, out)
			checkVet(t, p, out)
			checkSameBytes(t, p, m, out, filepath.Join(dir, "again"))
		})
	}
}
