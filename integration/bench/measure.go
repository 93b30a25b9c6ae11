package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/benchmark/parse"

	"github.com/dedefer/dedefer/integration/harness"
)

// A timing is the medians of a benchmark's rounds in one variant.
type timing struct {
	Ns            float64
	Bytes, Allocs uint64
	Spread        float64 // of Ns: (greatest - least) / median
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
		times[c] = medians(list)
	}
	return times, nil
}

// run runs a benchmark once. Benchtime is as for go test.
func (s *suite) run(v variant, b benchmark, benchtime string) (*parse.Benchmark, error) {
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

func medians(rounds []*parse.Benchmark) timing {
	var ns []float64
	var bytes, allocs []uint64
	for _, r := range rounds {
		ns = append(ns, r.NsPerOp)
		bytes = append(bytes, r.AllocedBytesPerOp)
		allocs = append(allocs, r.AllocsPerOp)
	}
	slices.Sort(ns)
	slices.Sort(bytes)
	slices.Sort(allocs)
	m := len(rounds) / 2
	return timing{ns[m], bytes[m], allocs[m], (ns[len(ns)-1] - ns[0]) / ns[m]}
}
