package fn

import "bench/env"

func Recursion(log *env.Log, n *env.Node) int {
	if n == nil {
		return 0
	}
	log.Acquire(n.ID)
	return Recursion(log, n.Left) + 1 + Recursion(log, n.Right)
}
