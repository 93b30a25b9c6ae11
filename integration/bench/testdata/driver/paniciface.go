package driver

import (
	"bench/env"
	"bench/fn"
)

// PanicIface10 is a panic through ten frames that each defer a method of an
// interface.
func PanicIface10(n int) uint64 { return panicIface(n, 10) }

// PanicIface500 is the same with 500 frames.
func PanicIface500(n int) uint64 { return panicIface(n, 500) }

// PanicIface100000 is the same with 100,000 frames.
//
//bench:runs 20
func PanicIface100000(n int) uint64 { return panicIface(n, 100_000) }

func panicIface(n, frames int) (sum uint64) {
	var log env.Log
	for range n {
		if fn.PanicIface(&log, frames) != nil {
			sum++
		}
	}
	return sum + log.Sum()
}
