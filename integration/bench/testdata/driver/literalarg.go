package driver

import (
	"bench/env"
	"bench/fn"
)

// LiteralArg defers a literal with an argument.
func LiteralArg(n int) (sum uint64) {
	var log env.Log
	for i := range n {
		sum += uint64(fn.LiteralArg(&log, i))
	}
	return sum + log.Sum()
}
