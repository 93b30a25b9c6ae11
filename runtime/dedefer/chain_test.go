package dedefer_test

// The tests here run each scenario twice, with native frames and with frames
// lowered by hand, and compare all that the program can see of it. A scenario
// is a chain of entries, the way in which its frame is left, and the frames
// around it. More of them, some minutes, run with
//
//	go test ./runtime/dedefer -long -timeout 1h

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dedefer/dedefer/runtime/dedefer"
)

var long = flag.Bool("long", false, "compare more scenarios, for some minutes")

// A way to leave a frame.
type way int

const (
	returning way = iota
	panicking
	exiting
)

var ways = []way{returning, panicking, exiting}

func (w way) String() string {
	return [...]string{"returns", "panics", "exits"}[w]
}

// A style of a frame: how it runs its chain.
type style int

const (
	native    style = iota
	run_            // one guard, for entries that do not recover
	segmented       // a guard for each segment of such entries
)

func (s style) String() string {
	return [...]string{"native", "Run", "segmented"}[s]
}

// A frame is a function that defers a call of each kind in chain, then calls
// the next frame, or leaves in some way.
type frame struct {
	style style
	chain []*kind
}

// A run is one execution of a scenario.
type run struct {
	lowered bool // heed the styles of the frames
	trace   []byte
	stacks  [][]string // what the looking entries saw
}

func (r *run) say(what string, i int, v interface{}) {
	r.trace = append(r.trace, what...)
	r.trace = append(r.trace, ' ')
	r.trace = strconv.AppendInt(r.trace, int64(i), 10)
	switch v := v.(type) {
	case nil:
	case string:
		r.trace = append(r.trace, ' ')
		r.trace = append(r.trace, v...)
	default:
		r.trace = append(r.trace, fmt.Sprintf(" %v", v)...)
	}
	r.trace = append(r.trace, '\n')
}

func value(what string, i int) string { return what + " " + string(rune('0'+i)) }

// call runs frames, the first one being the outermost, and leaves the last one
// as w says. It returns the result of the first.
func (r *run) call(frames []frame, w way) string {
	f := frames[0]
	body := func() { leave(w) }
	if len(frames) > 1 {
		body = func() { r.say("returned", len(frames), r.call(frames[1:], w)) }
	}
	if !r.lowered {
		return r.native(f.chain, body)
	}
	switch f.style {
	case run_:
		return r.run(f.chain, body)
	case segmented:
		return r.segmented(f.chain, body)
	}
	return r.native(f.chain, body)
}

func leave(w way) {
	switch w {
	case panicking:
		panic("P")
	case exiting:
		runtime.Goexit()
	}
}

func (r *run) native(chain []*kind, body func()) (result string) {
	result = "unset"
	for i, k := range chain {
		defer k.native(r, i)
	}
	body()
	return "set"
}

func (r *run) run(chain []*kind, body func()) (result string) {
	n := 0 // how many entries are pending
	step := func() bool {
		if n == 0 {
			return false
		}
		n--
		chain[n].native(r, n)
		return true
	}
	defer func() {
		if n != 0 {
			dedefer.Run(step)
		}
	}()
	result = "unset"
	n = len(chain)
	body()
	result = "set"
	for step() {
	}
	return
}

// segmented does what lowered code does: what the runtime of Go itself has to
// call stays deferred; each run of entries that do not recover between such ones
// has a guard; at the exit, those are called that are newer than what Go calls.
func (r *run) segmented(chain []*kind, body func()) (result string) {
	result = "unset"
	pending := make([]bool, len(chain))
	for i := range chain {
		i, k := i, chain[i]
		pending[i] = true
		switch {
		case k.unseen:
			defer k.native(r, i)
		case k.asks != nil:
			defer k.asks(r, i, &pending[i])
		case i == 0 || !chain[i-1].plain():
			end := i
			for end < len(chain) && chain[end].plain() {
				end++
			}
			step := func() bool {
				for n := end - 1; n >= i; n-- {
					if pending[n] {
						pending[n] = false
						chain[n].native(r, n)
						return true
					}
				}
				return false
			}
			defer func() {
				for _, p := range pending[i:end] {
					if p {
						dedefer.Run(step)
						return
					}
				}
			}()
		}
	}
	body()
	result = "set"
	for i := len(chain) - 1; i >= 0 && !chain[i].unseen; i-- {
		switch k := chain[i]; {
		case k.silent:
			pending[i] = false
		case k.asks != nil:
			k.asks(r, i, &pending[i])
		default:
			pending[i] = false
			k.native(r, i)
		}
	}
	return
}

// observe runs a scenario and returns all that was seen of it.
func observe(lowered bool, frames []frame, w way) string {
	return string(start(lowered, frames, w).trace)
}

// start runs a scenario in a goroutine of its own, until that ends.
func start(lowered bool, frames []frame, w way) *run {
	r := &run{lowered: lowered}
	done := make(chan struct{})
	go func() {
		defer close(done)
		func() {
			returned := false
			defer func() {
				if !returned {
					r.say("panic or Goexit", 0, recover())
				}
			}()
			r.say("returned", 0, r.call(frames, w))
			returned = true
		}()
		r.say("goes on, so not a Goexit", 0, nil)
	}()
	<-done
	return r
}

// compare reports in t how the scenario differs from native Go.
func compare(t *testing.T, frames []frame, w way) {
	want, got := observe(false, frames, w), observe(true, frames, w)
	if got == want {
		return
	}
	t.Errorf("%s--- native\n%s--- lowered\n%s", describe(frames, w), want, got)
}

func describe(frames []frame, w way) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%v frame:", f.style)
		for _, k := range f.chain {
			fmt.Fprintf(&b, " (%s)", k.name)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "the last one %v\n", w)
	return b.String()
}

// compareAll compares all chains of 1 to max entries of the kinds given, in a
// frame of style s inside the outer frames, left in every way.
func compareAll(t *testing.T, outer []frame, s style, kinds []*kind, max int) {
	forAll(t, outer, s, kinds, max, compare)
}

// forAll calls check for the scenarios that compareAll compares.
func forAll(t *testing.T, outer []frame, s style, kinds []*kind, max int, check func(*testing.T, []frame, way)) {
	var n int64
	var wg sync.WaitGroup
	jobs := make(chan []*kind)
	for i := 0; i < runtime.GOMAXPROCS(0); i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var all func(chain []*kind)
			all = func(chain []*kind) {
				frames := append(outer[:len(outer):len(outer)], frame{s, chain})
				for _, w := range ways {
					atomic.AddInt64(&n, 1)
					check(t, frames, w)
				}
				if len(chain) == max || t.Failed() {
					return
				}
				for _, k := range kinds {
					all(append(chain[:len(chain):len(chain)], k))
				}
			}
			for chain := range jobs {
				all(chain)
			}
		}()
	}
	for _, k := range kinds {
		jobs <- []*kind{k}
	}
	close(jobs)
	wg.Wait()
	t.Log(n, "scenarios")
}

func TestRun(t *testing.T) { compareAll(t, nil, run_, plainKinds, 4) }

func TestSegments(t *testing.T) {
	switch {
	case *long:
		compareAll(t, nil, segmented, allKinds, 4)
	case testing.Short():
		compareAll(t, nil, segmented, allKinds, 2)
	default:
		compareAll(t, nil, segmented, coreKinds, 4)
		compareAll(t, nil, segmented, allKinds, 3)
	}
}

// maxInner is how long chains are where not all of up to four entries run.
func maxInner() int {
	if *long {
		return 3
	}
	return 2
}

// TestNested has frames around the one that is left, outermost first: the
// panic or Goexit passes on to them.
func TestNested(t *testing.T) {
	for _, test := range []struct {
		name  string
		outer []frame
	}{
		{"lowered recovers", []frame{{segmented, []*kind{nothing, recovers}}}},
		{"native recovers", []frame{{native, []*kind{nothing, recovers}}}},
		{"unseen callee recovers", []frame{{segmented, []*kind{nothing, recoversUnseen}}}},
		{"Run lets pass to lowered", []frame{{segmented, []*kind{recovers}}, {run_, []*kind{nothing}}}},
		{"Run lets pass to native", []frame{{native, []*kind{recovers}}, {run_, []*kind{nothing}}}},
		{"lowered in native in lowered", []frame{{segmented, []*kind{recovers}}, {native, []*kind{nothing}}}},
		{"native recovers in lowered", []frame{{segmented, []*kind{recovers, panics}}, {native, []*kind{recovers}}}},
		{"lowered panics in native", []frame{{native, []*kind{recovers}}, {segmented, []*kind{panics}}}},
		{"Run replaces", []frame{{segmented, []*kind{recovers}}, {run_, []*kind{panics}}}},
		{"lowered exits", []frame{{native, []*kind{recovers}}, {segmented, []*kind{recovers, exits}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, s := range []style{segmented, native} {
				compareAll(t, test.outer, s, allKinds, maxInner())
			}
			compareAll(t, test.outer, run_, plainKinds, maxInner())
		})
	}
}
