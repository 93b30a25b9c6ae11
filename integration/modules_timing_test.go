package integration

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

var speedFlag = flag.Bool("speed", false, "fetch a large module and compare the time and memory of its rewrite with those of go vet")

// TestSpeed holds the tool to what go vet needs for a module of more than
// 200,000 lines.
func TestSpeed(t *testing.T) {
	if !*speedFlag {
		t.Skip("needs the module proxy and some minutes: run it with -speed")
	}
	m := realModule{path: "golang.org/x/tools", version: "v0.52.0"}
	timeAgainstVet(t, m.fetch(t), vetLimits{time: 1, memory: 2})
}

// vetLimits are how many times what go vet needs a rewrite may need.
type vetLimits struct{ time, memory float64 }

// timeAgainstVet checks a rewrite against a go vet that has to analyse the
// module again. Both find everything built that they need: only their own work
// counts.
func timeAgainstVet(t *testing.T, src string, limits vetLimits) {
	const rounds = 3
	var vet, lowering cost
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
		vet.add(v)
		lowering.add(r)
	}
	t.Logf("go vet: %v", vet)
	t.Logf("rewrite: %v", lowering)
	time, memory := lowering.seconds()/vet.seconds(), float64(lowering.peak)/float64(vet.peak)
	t.Logf("rewrite / go vet: time %.2f, memory %.2f", time, memory)
	if time > limits.time {
		t.Errorf("a rewrite took %.2f times as long as go vet, the limit is %v", time, limits.time)
	}
	if memory > limits.memory {
		t.Errorf("a rewrite took %.2f times the memory of go vet, the limit is %v", memory, limits.memory)
	}
}

// A cost is what some runs of a command needed.
type cost struct {
	times []time.Duration
	peak  int64 // memory of the largest process
}

func (c *cost) add(r harness.Result) {
	c.times = append(c.times, r.Elapsed)
	c.peak = max(c.peak, r.MaxRSS)
}

// seconds is the median.
func (c cost) seconds() float64 {
	return slices.Sorted(slices.Values(c.times))[len(c.times)/2].Seconds()
}

func (c cost) String() string {
	return fmt.Sprintf("%.2fs (median of %d), peak memory of the largest process %d MB", c.seconds(), len(c.times), c.peak>>20)
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
