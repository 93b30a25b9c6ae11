package driver

import (
	"bench/env"
	"bench/fn"
)

// LoopArg1 defers a call with the iteration's number as argument: one round.
func LoopArg1(n int) uint64 { return loopArg(n, 1) }

// LoopArg16 defers a call with the iteration's number as argument: 16 rounds.
//
//bench:sites 16
func LoopArg16(n int) uint64 { return loopArg(n, 16) }

// LoopArg1000 defers a call with the iteration's number as argument: 1,000 rounds.
//
//bench:sites 1000
func LoopArg1000(n int) uint64 { return loopArg(n, 1000) }

func loopArg(n, rounds int) (sum uint64) {
	var log env.Log
	for range n {
		sum += uint64(fn.LoopArg(&log, rounds))
	}
	return sum + log.Sum()
}
