package driver

import (
	"sync"

	"bench/fn"
)

// LockCall is a lock and unlock around a call of a function that cannot panic.
func LockCall(n int) (sum uint64) {
	var mu sync.Mutex
	for i := range n {
		sum += uint64(fn.LockCall(&mu, i))
	}
	return sum
}
