package main

import (
	"flag"
	"regexp"
	"testing"
)

func testSuite(tb testing.TB) *suite {
	s, err := newSuite(tb.TempDir(), regexp.MustCompile("."))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestSameValues checks that what is compared does the same. Without any
// cleanup, a benchmark only has to end.
func TestSameValues(t *testing.T) {
	s := testSuite(t)
	want, err := s.values(variants[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variants {
		got, err := s.values(v)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, b := range s.benchmarks {
			if v.has(b) && got[b.Name] == "" {
				t.Errorf("%s: no value of %s", v.Name, b.Name)
			} else if v.has(b) && v.Name != "nothing" && got[b.Name] != want[b.Name] {
				t.Errorf("%s: %s comes to %s, want %s", v.Name, b.Name, got[b.Name], want[b.Name])
			}
		}
	}
}

// BenchmarkDefer runs the benchmarks of all variants. Each is run by a process of
// its own, which finds out itself how many operations fill the time.
func BenchmarkDefer(b *testing.B) {
	s := testSuite(b)
	benchtime := flag.Lookup("test.benchtime").Value.String()
	for _, bm := range s.benchmarks {
		for _, v := range variants {
			if !v.has(bm) {
				continue
			}
			b.Run(bm.Name+"/variant="+v.Name, func(b *testing.B) {
				r, err := s.run(v, bm, benchtime)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ReportMetric(r.NsPerOp, "ns/op")
				b.ReportMetric(float64(r.AllocsPerOp), "allocs/op")
				b.ReportMetric(float64(r.AllocedBytesPerOp), "B/op")
			})
		}
	}
}
