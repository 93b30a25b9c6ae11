package dedefer_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// stack returns the functions on the stack, newest first.
func stack() (names []string) {
	pcs := make([]uintptr, 4096)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		names = append(names, frame.Function)
		if !more {
			return names
		}
	}
}

// origins returns those of the functions on the stack that have panicked.
func origins() (names []string) {
	for _, name := range stack() {
		name = name[strings.LastIndex(name, ".")+1:]
		if name == "leave" || strings.HasPrefix(name, "panicAt") {
			names = append(names, name)
		}
	}
	return names
}

//go:noinline
func panicAt0() { panic("at 0") }

//go:noinline
func panicAt1() { panic("at 1") }

//go:noinline
func panicAt2() { panic("at 2") }

//go:noinline
func panicAt3() { panic("at 3") }

//go:noinline
func panicAtAlike() { panic("P") } // as leave does

func panicAt(i int) { [...]func(){panicAt0, panicAt1, panicAt2, panicAt3}[i]() }

// TestOrigins checks that an entry sees on the stack where the panics in
// progress came from.
func TestOrigins(t *testing.T) {
	looks := func(r *run, i int) { r.stacks = append(r.stacks, origins()) }
	panics := func(r *run, i int) { panicAt(i) }
	plain := []*kind{
		{name: "looks", native: looks},
		{name: "panics", native: panics},
		{name: "panics alike", native: func(r *run, i int) { panicAtAlike() }},
		exits,
	}
	all := join(plain, []*kind{
		recovers,
		{
			name: "recovers, then panics",
			native: func(r *run, i int) {
				recover()
				panicAt(i)
			},
			asks: func(r *run, i int, pending *bool) {
				if over(pending) {
					return
				}
				recover()
				panicAt(i)
			},
		},
		{name: "unseen: looks", native: looks, unseen: true},
		{name: "unseen: panics", native: panics, unseen: true},
		recoversUnseen,
	})

	check := func(t *testing.T, frames []frame, w way) {
		want, got := start(false, frames, w).stacks, start(true, frames, w).stacks
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%ssaw lowered %v\nnative %v", describe(frames, w), got, want)
		}
	}
	max := 4
	if testing.Short() {
		max = 2
	}
	forAll(t, nil, run_, plain, max, check)
	forAll(t, nil, segmented, all, max, check)
	forAll(t, []frame{{segmented, plain[:1]}, {segmented, join(plain[:1], []*kind{recovers})}}, segmented, all, max-1, check)
}
