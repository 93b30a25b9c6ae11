package driver

import (
	"bench/env"
	"bench/fn"
)

// PanicFrames10 is a panic through ten frames that each defer a method.
func PanicFrames10(n int) uint64 { return panicFrames(n, 10) }

// PanicFrames500 is the same with 500 frames.
func PanicFrames500(n int) uint64 { return panicFrames(n, 500) }

// PanicFrames100000 is the same with 100,000 frames.
//
//bench:runs 20
func PanicFrames100000(n int) uint64 { return panicFrames(n, 100_000) }

func panicFrames(n, frames int) (sum uint64) {
	var log env.Log
	for range n {
		if fn.PanicFrames(&log, frames) != nil {
			sum++
		}
	}
	return sum + log.Sum()
}
