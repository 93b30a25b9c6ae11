package driver

import (
	"bench/env"
	"bench/fn"
)

// Generic takes something out of a pool and puts it back, in a generic function.
//
//bench:sites 2
func Generic(n int) (sum uint64) {
	buf := make([]byte, 10)
	ints := env.Pool[int]{Free: []int{1}}
	bufs := env.Pool[[]byte]{Free: [][]byte{buf}}
	for i := range n {
		sum += uint64(fn.Generic(&ints, env.Work))
		sum += uint64(fn.Generic(&bufs, func(b []byte) int { return env.Work(len(b) + i) }))
	}
	return sum
}
