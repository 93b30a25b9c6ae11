package fn

import "bench/env"

func LoopArg(log *env.Log, n int) int {
	for i := 0; i < n; i++ {
		log.Acquire(i)
	}
	v := env.Work(n)
	for i := n - 1; i >= 0; i-- {
		log.Release(i)
	}
	return v
}
