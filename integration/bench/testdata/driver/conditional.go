package driver

import (
	"bench/env"
	"bench/fn"
)

// Conditional has three sites, two of them under a condition.
//
//bench:sites 2
func Conditional(n int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, 1)
	for i := range n {
		sum += uint64(fn.Conditional(&log, d, i))
	}
	return sum + log.Sum()
}
