package fn

import "bench/env"

func LoopArg(log *env.Log, n int) int {
	for i := 0; i < n; i++ {
		log.Acquire(i)
		defer log.Release(i)
	}
	return env.Work(n)
}
