package driver

import (
	"bench/env"
	"bench/fn"
)

// CloseJoin closes two files and joins the errors.
//
//bench:sites 2
func CloseJoin(n int) (sum uint64) {
	var log env.Log
	d := env.NewDir(&log, 2)
	for i := range n {
		v, err := fn.CloseJoin(d, i)
		if err == nil {
			sum += uint64(v)
		}
	}
	return sum + log.Sum()
}
