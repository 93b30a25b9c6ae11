package driver

import (
	"sync"

	"bench/env"
	"bench/fn"
)

// PanicTwo10 is a panic through ten frames that each defer an unlock and a
// method of an interface.
func PanicTwo10(n int) uint64 { return panicTwo(n, 10) }

// PanicTwo500 is the same with 500 frames.
func PanicTwo500(n int) uint64 { return panicTwo(n, 500) }

// PanicTwo100000 is the same with 100,000 frames.
//
//bench:runs 20
func PanicTwo100000(n int) uint64 { return panicTwo(n, 100_000) }

func panicTwo(n, frames int) (sum uint64) {
	var log env.Log
	for range n {
		if fn.PanicTwo(new(sync.Mutex), &log, frames) != nil {
			sum++
		}
	}
	return sum + log.Sum()
}
