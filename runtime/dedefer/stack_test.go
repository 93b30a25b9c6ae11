package dedefer_test

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/runtime/dedefer"
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
// progress came from. It may see more than that, since a lowered frame keeps
// recovered panics on the stack until it is left.
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
			lowered: func(r *run, i int, p *dedefer.Panic) {
				p.Recover()
				panicAt(i)
			},
		},
		{name: "unseen: looks", native: looks, unseen: true},
		{name: "unseen: panics", native: panics, unseen: true},
		recoversUnseen,
	})

	check := func(t *testing.T, frames []frame, w way) {
		want, got := start(false, frames, w).stacks, start(true, frames, w).stacks
		ok := len(got) == len(want)
		for i := 0; ok && i < len(want); i++ {
			ok = isSubsequence(want[i], got[i])
		}
		if !ok {
			t.Errorf("%ssaw lowered %v\nnative %v", describe(frames, w), got, want)
		}
	}
	max := 4
	if testing.Short() {
		max = 2
	}
	forAll(t, nil, run_, plain, max, check)
	forAll(t, nil, land, all, max, check)
	forAll(t, nil, guard, all, max-1, check)
	forAll(t, []frame{{land, plain[:1]}, {land, join(plain[:1], []*kind{recovers})}}, land, all, max-1, check)
}

func isSubsequence(a, b []string) bool {
	for _, s := range b {
		if len(a) > 0 && a[0] == s {
			a = a[1:]
		}
	}
	return len(a) == 0
}

// TestUnseenEntriesDoNotNest has a loop defer many calls that do not recover.
// Panicking again for each must not pile up on the stack.
func TestUnseenEntriesDoNotNest(t *testing.T) {
	var depth int
	chain := []*kind{{
		name:   "counts",
		native: func(r *run, i int) { depth = len(stack()) },
		unseen: true,
	}}
	for i := 0; i < 1000; i++ {
		chain = append(chain, &kind{name: "nothing", native: func(r *run, i int) {}, unseen: true})
	}
	start(true, []frame{{land, chain}}, panicking)
	if depth > 50 {
		t.Errorf("a stack of %d functions", depth)
	}
}

// TestValueKeepsIdentity passes values through frames that raise them again.
func TestValueKeepsIdentity(t *testing.T) {
	pass := func(body func()) (v interface{}) {
		defer func() { v = recover() }()
		r := &run{lowered: true}
		r.land(named("unseen: nothing"), func() {
			r.guard(named("nothing", "unseen: nothing"), func() {
				r.run(named("nothing"), body)
			})
		})
		return nil
	}
	err := fmt.Errorf("an error")
	if v := pass(func() { panic(err) }); v != err {
		t.Errorf("got %v, not the same error", v)
	}
	uncomparable := []int{1}
	if v, ok := pass(func() { panic(uncomparable) }).([]int); !ok || &v[0] != &uncomparable[0] {
		t.Errorf("got %v, not the same slice", v)
	}
	var m map[int]int
	write := func() { m[1] = 1 }
	want := func() (v interface{}) {
		defer func() { v = recover() }()
		write()
		return nil
	}()
	got, ok := pass(write).(runtime.Error)
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

// TestNilPointer calls the methods as at a normal exit, where nothing unwinds.
func TestNilPointer(t *testing.T) {
	var p *dedefer.Panic
	ran := false
	p.Native(func() {
		defer func() { ran = true }()
		p.Raise()
	})
	if v := p.Recover(); v != nil || !ran {
		t.Errorf("recovered %v, ran is %v", v, ran)
	}
}
