package driver

import (
	"bench/env"
	"bench/fn"
)

// LoopCapture1 defers a literal that captures the iteration's variables: one round.
func LoopCapture1(n int) uint64 { return loopCapture(n, 1) }

// LoopCapture16 defers a literal that captures the iteration's variables: 16 rounds.
//
//bench:sites 16
func LoopCapture16(n int) uint64 { return loopCapture(n, 16) }

// LoopCapture1000 defers a literal that captures the iteration's variables: 1,000 rounds.
//
//bench:sites 1000
func LoopCapture1000(n int) uint64 { return loopCapture(n, 1000) }

func loopCapture(n, rounds int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, rounds)
	ids := env.IDs(rounds)
	for range n {
		sum += uint64(fn.LoopCapture(d, ids))
	}
	return sum + log.Sum()
}
