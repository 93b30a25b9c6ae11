package fn

import "bench/env"

func Sites9(log *env.Log, i int) int {
	log.Acquire(1)
	log.Acquire(2)
	log.Acquire(3)
	log.Acquire(4)
	log.Acquire(5)
	log.Acquire(6)
	log.Acquire(7)
	log.Acquire(8)
	log.Acquire(9)
	return env.Work(i)
}
