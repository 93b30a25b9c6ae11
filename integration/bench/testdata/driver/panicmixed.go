package driver

import (
	"sync"

	"bench/env"
	"bench/fn"
)

// PanicMixed10 is a panic through ten frames with two sites, one of them under a
// condition.
func PanicMixed10(n int) uint64 { return panicMixed(n, 10) }

// PanicMixed500 is the same with 500 frames.
func PanicMixed500(n int) uint64 { return panicMixed(n, 500) }

// PanicMixed100000 is the same with 100,000 frames.
//
//bench:runs 20
func PanicMixed100000(n int) uint64 { return panicMixed(n, 100_000) }

func panicMixed(n, frames int) (sum uint64) {
	var log env.Log
	var mu sync.Mutex
	for range n {
		if fn.PanicMixed(&log, &mu, frames) != nil {
			sum++
		}
	}
	return sum + log.Sum()
}
