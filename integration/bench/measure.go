package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/benchmark/parse"

	"github.com/dedefer/dedefer/integration/harness"
)

// A timing is what a benchmark's rounds in one variant took.
type timing struct {
	Rounds        []float64 // nanoseconds
	Bytes, Allocs uint64    // medians
}

// A cell is one benchmark in one variant, by their names.
type cell struct{ benchmark, variant string }

// measure runs all benchmarks, those of the variants in turn.
func (s *suite) measure(benchtime time.Duration, count int) (map[cell]timing, error) {
	rounds := make(map[cell][]*parse.Benchmark)
	for range count {
		for _, b := range s.benchmarks {
			for _, v := range variants {
				if !v.has(b) {
					continue
				}
				r, err := s.run(v, b, benchtime.String())
				if err != nil {
					return nil, err
				}
				c := cell{b.Name, v.Name}
				rounds[c] = append(rounds[c], r)
			}
		}
	}
	times := make(map[cell]timing)
	for c, list := range rounds {
		times[c] = timingOf(list)
	}
	return times, nil
}

// run runs a benchmark once. Benchtime is as for go test.
func (s *suite) run(v variant, b benchmark, benchtime string) (*parse.Benchmark, error) {
	if b.Runs > 0 {
		benchtime = fmt.Sprintf("%dx", b.Runs)
	}
	r, err := harness.Command{Args: []string{s.exe(v), "-test.run=-", "-test.cpu=1",
		"-test.bench=^Benchmark" + b.Name + "$", "-test.benchtime=" + benchtime}}.RunOK()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.Name, err)
	}
	set, err := parse.ParseSet(strings.NewReader(r.Stdout))
	if err != nil {
		return nil, err
	}
	list := set["Benchmark"+b.Name]
	if len(list) != 1 {
		return nil, fmt.Errorf("%s: no result of %s:\n%s", v.Name, b.Name, harness.Clip(r.Stdout, 10))
	}
	return list[0], nil
}

// values runs each benchmark's function for what it comes to.
func (s *suite) values(v variant) (map[string]string, error) {
	r, err := harness.Command{Args: []string{s.exe(v), "-test.run=^TestValues$"}}.RunOK()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.Name, err)
	}
	values := make(map[string]string)
	for line := range strings.Lines(r.Stdout) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			values[name] = value
		}
	}
	return values, nil
}

func timingOf(rounds []*parse.Benchmark) timing {
	var t timing
	var bytes, allocs []uint64
	for _, r := range rounds {
		t.Rounds = append(t.Rounds, r.NsPerOp)
		bytes = append(bytes, r.AllocedBytesPerOp)
		allocs = append(allocs, r.AllocsPerOp)
	}
	t.Bytes, t.Allocs = quantile(bytes, 0.5), quantile(allocs, 0.5)
	return t
}

// Ns is the median.
func (t timing) Ns() float64 { return quantile(t.Rounds, 0.5) }

// ratio compares rounds that were run one after the other, which load on the
// machine disturbs less than the medians of all. Half of the ratios lie between
// low and high.
func (t timing) ratio(other timing) (low, median, high float64) {
	var ratios []float64
	for i, ns := range t.Rounds {
		ratios = append(ratios, ns/other.Rounds[i])
	}
	return quantile(ratios, 0.25), quantile(ratios, 0.5), quantile(ratios, 0.75)
}

func quantile[T cmp.Ordered](list []T, q float64) T {
	list = slices.Sorted(slices.Values(list))
	return list[int(q*float64(len(list)-1)+0.5)]
}
