package driver

import (
	"bench/env"
	"bench/fn"
)

// LoopTwo1 has two sites in one loop: one round.
//
//bench:sites 2
func LoopTwo1(n int) uint64 { return loopTwo(n, 1) }

// LoopTwo16 has two sites in one loop: 16 rounds.
//
//bench:sites 32
func LoopTwo16(n int) uint64 { return loopTwo(n, 16) }

// LoopTwo1000 has two sites in one loop: 1,000 rounds.
//
//bench:sites 2000
func LoopTwo1000(n int) uint64 { return loopTwo(n, 1000) }

func loopTwo(n, rounds int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, rounds)
	locks := env.Locks(rounds)
	for range n {
		sum += uint64(fn.LoopTwo(d, locks))
	}
	return sum + log.Sum()
}
