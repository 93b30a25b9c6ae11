package driver

import (
	"bench/env"
	"bench/fn"
)

// LoopRecv1 defers a method of what the iteration opens: one round.
func LoopRecv1(n int) uint64 { return loopRecv(n, 1) }

// LoopRecv16 defers a method of what the iteration opens: 16 rounds.
//
//bench:sites 16
func LoopRecv16(n int) uint64 { return loopRecv(n, 16) }

// LoopRecv1000 defers a method of what the iteration opens: 1,000 rounds.
//
//bench:sites 1000
func LoopRecv1000(n int) uint64 { return loopRecv(n, 1000) }

func loopRecv(n, rounds int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, rounds)
	for range n {
		sum += uint64(fn.LoopRecv(d, rounds))
	}
	return sum + log.Sum()
}
