package fn

import "bench/env"

func Recursion(log *env.Log, n *env.Node) int {
	if n == nil {
		return 0
	}
	id := n.ID
	log.Acquire(id)
	size := Recursion(log, n.Left) + 1 + Recursion(log, n.Right)
	log.Release(id)
	return size
}
