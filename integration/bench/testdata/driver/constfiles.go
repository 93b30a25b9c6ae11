package driver

import (
	"bench/env"
	"bench/fn"
)

// ConstFiles opens and closes a constant number of files, 16.
//
//bench:sites 16
func ConstFiles(n int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, 16)
	for range n {
		sum += uint64(fn.ConstFiles(d))
	}
	return sum + log.Sum()
}
