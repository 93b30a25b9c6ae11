package driver

import (
	"bench/env"
	"bench/fn"
)

// Sites9 has nine sites, one after the other.
//
//bench:sites 9
func Sites9(n int) (sum uint64) {
	var log env.Log
	for i := range n {
		sum += uint64(fn.Sites9(&log, i))
	}
	return sum + log.Sum()
}
