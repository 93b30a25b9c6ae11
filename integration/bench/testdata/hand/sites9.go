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
	v := env.Work(i)
	log.Release(9)
	log.Release(8)
	log.Release(7)
	log.Release(6)
	log.Release(5)
	log.Release(4)
	log.Release(3)
	log.Release(2)
	log.Release(1)
	return v
}
