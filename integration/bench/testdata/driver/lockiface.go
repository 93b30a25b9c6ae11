package driver

import (
	"sync"

	"bench/env"
	"bench/fn"
)

// LockIface is a lock and unlock around a call that may come to anything, of a
// method of an interface.
func LockIface(n int) (sum uint64) {
	var mu sync.Mutex
	var log env.Log
	for range n {
		if err := fn.LockIface(&mu, &log); err == nil {
			sum++
		}
	}
	return sum + log.Sum()
}
