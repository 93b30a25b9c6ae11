package driver

import (
	"bench/env"
	"bench/fn"
)

// Recursion walks a tree of 31 nodes, with a site in each call.
//
//bench:sites 31
func Recursion(n int) (sum uint64) {
	var log env.Log
	tree := env.Tree(5)
	for range n {
		sum += uint64(fn.Recursion(&log, tree))
	}
	return sum + log.Sum()
}
