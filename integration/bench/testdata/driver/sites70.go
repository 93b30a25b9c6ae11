package driver

import (
	"bench/env"
	"bench/fn"
)

// Sites70 has seventy sites, every fifth under a condition.
//
//bench:sites 70
func Sites70(n int) (sum uint64) {
	var log env.Log
	for i := range n {
		sum += uint64(fn.Sites70(&log, i))
	}
	return sum + log.Sum()
}
