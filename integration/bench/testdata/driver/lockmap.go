package driver

import (
	"bench/env"
	"bench/fn"
)

// LockMap is a lock and unlock around a map read.
func LockMap(n int) (sum uint64) {
	c := env.NewCache()
	for i := range n {
		sum += uint64(fn.LockMap(c, env.Keys[i%4]))
	}
	return sum
}
