package fn

import "bench/env"

func Sites9(log *env.Log, i int) int {
	log.Acquire(1)
	defer log.Release(1)
	log.Acquire(2)
	defer log.Release(2)
	log.Acquire(3)
	defer log.Release(3)
	log.Acquire(4)
	defer log.Release(4)
	log.Acquire(5)
	defer log.Release(5)
	log.Acquire(6)
	defer log.Release(6)
	log.Acquire(7)
	defer log.Release(7)
	log.Acquire(8)
	defer log.Release(8)
	log.Acquire(9)
	defer log.Release(9)
	return env.Work(i)
}
