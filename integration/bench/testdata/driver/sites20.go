package driver

import (
	"bench/env"
	"bench/fn"
)

// Sites20 has twenty sites, half of them under a condition.
//
//bench:sites 20
func Sites20(n int) (sum uint64) {
	var log env.Log
	for i := range n {
		sum += uint64(fn.Sites20(&log, i))
	}
	return sum + log.Sum()
}
