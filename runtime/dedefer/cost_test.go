package dedefer_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/runtime/dedefer"
)

// A resource counts how often it was released. Its operand, captured by the
// guard and by step, would move to the heap if step escaped.
type resource struct{ released int }

func (r *resource) release(n int) { r.released += n }

func runFrame(r *resource, body func()) {
	var active uint8 // 1: r.release(n)
	n := r.released%2 + 1
	defer func() {
		if active != 0 {
			dedefer.Run(func() bool {
				if active == 0 {
					return false
				}
				active = 0
				r.release(n)
				return true
			})
		}
	}()
	active = 1
	n *= 2
	body()
	active = 0
	r.release(n)
}

func nativeFrame(r *resource, body func()) {
	n := r.released%2 + 1
	defer r.release(n)
	body()
}

var frameFuncs = []struct {
	name string
	call func(*resource, func())
}{{"native", nativeFrame}, {"Run", runFrame}}

func TestNoAllocationAtExit(t *testing.T) {
	for _, f := range frameFuncs {
		r := new(resource)
		if n := testing.AllocsPerRun(100, func() { f.call(r, func() {}) }); n != 0 {
			t.Errorf("%s: %v allocations", f.name, n)
		}
		if r.released == 0 {
			t.Errorf("%s: not released", f.name)
		}
	}
}

func TestAllocationsOfPanic(t *testing.T) {
	r := new(resource)
	body := func() { panic("P") }
	allocs := map[string]float64{}
	for _, f := range frameFuncs {
		allocs[f.name] = testing.AllocsPerRun(100, func() {
			defer func() { recover() }()
			f.call(r, body)
		})
	}
	if allocs["Run"] != allocs["native"] {
		t.Errorf("allocations: %v", allocs)
	}
}

// TestNoEscape asks the compiler whether the function passed in stays on the
// stack, and with it the variables that it captures.
func TestNoEscape(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if strings.Contains(string(out), "leaking param: step\n") || strings.Contains(string(out), "escapes to heap") {
		t.Errorf("step escapes:\n%s", out)
	}
	if !strings.Contains(string(out), ": step does not escape\n") {
		t.Errorf("nothing is said of step:\n%s", out)
	}
}

func BenchmarkExit(b *testing.B) {
	for _, f := range frameFuncs {
		b.Run(f.name, func(b *testing.B) {
			r := new(resource)
			for i := 0; i < b.N; i++ {
				f.call(r, func() {})
			}
		})
	}
}

func BenchmarkPanic(b *testing.B) {
	for _, f := range frameFuncs {
		b.Run(f.name, func(b *testing.B) {
			r := new(resource)
			for i := 0; i < b.N; i++ {
				func() {
					defer func() { recover() }()
					f.call(r, func() { panic("P") })
				}()
			}
		})
	}
}
