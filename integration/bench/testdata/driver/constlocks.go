package driver

import (
	"sync"

	"bench/fn"
)

// ConstLocks takes the four locks of an array.
//
//bench:sites 4
func ConstLocks(n int) (sum uint64) {
	var locks [4]sync.Mutex
	for i := range n {
		sum += uint64(fn.ConstLocks(&locks, i))
	}
	return sum
}
