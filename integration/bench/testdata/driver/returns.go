package driver

import (
	"bench/env"
	"bench/fn"
)

// Returns has two sites and 25 returns.
//
//bench:sites 2
func Returns(n int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, 1)
	for i := range n {
		sum += uint64(fn.Returns(&log, d, i))
	}
	return sum + log.Sum()
}
