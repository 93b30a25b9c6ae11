package driver

import "bench/fn"

// Recover is a deferred recover, and no panic.
func Recover(n int) (sum uint64) {
	for i := range n {
		v, err := fn.Recover(i)
		if err == nil {
			sum += uint64(v)
		}
	}
	return sum
}
