package integration

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// timeAgainstVet checks that a rewrite takes no longer than twice a go vet
// that has to analyse the module again. Both find everything built that they
// need: only their own work counts.
func timeAgainstVet(t *testing.T, src string) {
	const rounds = 3
	var vet, lowering []time.Duration
	var peak int64
	for i := range rounds {
		if err := touchPackages(src, i); err != nil {
			t.Fatal(err)
		}
		buildForTests(t, src)
		v, err := harness.Command{Dir: src, Args: []string{"go", "vet", "./..."}}.Run()
		if err != nil {
			t.Fatal(err)
		}
		r, err := rewrite(src, "-o", filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		vet, lowering = append(vet, v.Elapsed), append(lowering, r.Elapsed)
		peak = max(peak, r.MaxRSS)
	}
	slices.Sort(vet)
	slices.Sort(lowering)
	v, r := vet[rounds/2], lowering[rounds/2]
	t.Logf("medians of %d: go vet %.2fs, rewrite %.2fs (%.2f times vet), peak memory of its largest process %d MB",
		rounds, v.Seconds(), r.Seconds(), r.Seconds()/v.Seconds(), peak>>20)
	if r > 2*v {
		t.Errorf("a rewrite took more than twice as long as go vet")
	}
}

// touchPackages adds a comment to every file of the module's packages: vet
// keys its cached results by the bytes of the files.
func touchPackages(dir string, round int) error {
	r, err := harness.Command{Dir: dir, Args: []string{"go", "list", "-f", "{{.Dir}}", "./..."}}.RunOK()
	if err != nil {
		return err
	}
	for pkg := range strings.Lines(r.Stdout) {
		files, err := filepath.Glob(filepath.Join(strings.TrimSuffix(pkg, "\n"), "*.go"))
		if err != nil {
			return err
		}
		for _, file := range files {
			f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(f, "\n// Round %d of the timing.\n", round)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
		}
	}
	return nil
}
