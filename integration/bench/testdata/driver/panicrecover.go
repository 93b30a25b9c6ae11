package driver

import (
	"bench/env"
	"bench/fn"
)

// PanicRecover is a deferred recover of a panic one call below.
func PanicRecover(n int) (sum uint64) {
	var log env.Log
	for i := range n {
		if _, err := fn.PanicRecover(&log, i); err != nil {
			sum++
		}
	}
	return sum
}
