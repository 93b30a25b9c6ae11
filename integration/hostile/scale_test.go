package hostile

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
	"github.com/dedefer/dedefer/rewrite"
)

// TestSize checks that the output grows like the number of sites, but for the
// tabs that deep nesting takes.
func TestSize(t *testing.T) {
	const small, factor = 50, 4
	for _, s := range Scaling {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, m := range modes {
				a, b := outputSize(t, s.Make(small), m.opts), outputSize(t, s.Make(factor*small), m.opts)
				if b > factor*a*5/4 {
					t.Errorf("%s: %d bytes for %d sites, %d bytes for %d", m.name, a, small, b, factor*small)
				}
			}
		})
	}
}

func outputSize(t *testing.T, src string, opts rewrite.Options) (size int) {
	prog, opts := loadOne(t, src, opts)
	res, err := rewrite.Rewrite(context.Background(), prog, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Files {
		if f.Old != nil {
			size += len(bytes.ReplaceAll(f.New, []byte("\t"), nil))
		}
	}
	return size
}

// loadOne loads a module with one file.
func loadOne(t testing.TB, src string, opts rewrite.Options) (*rewrite.Program, rewrite.Options) {
	opts.Dir = t.TempDir()
	for name, text := range map[string]string{"go.mod": goMod, "p.go": src} {
		if err := harness.WriteFile(filepath.Join(opts.Dir, name), text); err != nil {
			t.Fatal(err)
		}
	}
	prog, err := rewrite.Load(context.Background(), opts, ".")
	if err != nil {
		t.Fatal(err)
	}
	return prog, opts
}

// BenchmarkScaling times Rewrite, without loading, for more and more sites, and
// logs the exponent of the growth from the first to the last: 1 is linear.
func BenchmarkScaling(b *testing.B) {
	for _, s := range Scaling {
		sizes := []int{250, 500, 1000, 2000}
		if s.Name == "literals" { // gofmt's time grows with the cube of the depth
			sizes = []int{50, 100, 200}
		}
		for _, m := range modes {
			b.Run(s.Name+"/"+m.name, func(b *testing.B) {
				var times []float64
				for _, n := range sizes {
					b.Run(fmt.Sprint(n), func(b *testing.B) {
						prog, opts := loadOne(b, s.Make(n), m.opts)
						least := time.Duration(math.MaxInt64)
						for b.Loop() {
							start := time.Now()
							if _, err := rewrite.Rewrite(context.Background(), prog, opts); err != nil {
								b.Fatal(err)
							}
							least = min(least, time.Since(start))
						}
						times = append(times, least.Seconds())
					})
				}
				if len(times) == len(sizes) {
					last := len(sizes) - 1
					b.Logf("exponent %.2f", math.Log(times[last]/times[0])/math.Log(float64(sizes[last])/float64(sizes[0])))
				}
			})
		}
	}
}
