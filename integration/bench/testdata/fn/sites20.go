package fn

import "bench/env"

func Sites20(log *env.Log, i int) int {
	log.Acquire(1)
	defer log.Release(1)
	if i&4 != 0 {
		log.Acquire(2)
		defer log.Release(2)
	}
	log.Acquire(3)
	defer log.Release(3)
	if i&16 != 0 {
		log.Acquire(4)
		defer log.Release(4)
	}
	log.Acquire(5)
	defer log.Release(5)
	if i&2 != 0 {
		log.Acquire(6)
		defer log.Release(6)
	}
	log.Acquire(7)
	defer log.Release(7)
	if i&8 != 0 {
		log.Acquire(8)
		defer log.Release(8)
	}
	log.Acquire(9)
	defer log.Release(9)
	if i&1 != 0 {
		log.Acquire(10)
		defer log.Release(10)
	}
	log.Acquire(11)
	defer log.Release(11)
	if i&4 != 0 {
		log.Acquire(12)
		defer log.Release(12)
	}
	log.Acquire(13)
	defer log.Release(13)
	if i&16 != 0 {
		log.Acquire(14)
		defer log.Release(14)
	}
	log.Acquire(15)
	defer log.Release(15)
	if i&2 != 0 {
		log.Acquire(16)
		defer log.Release(16)
	}
	log.Acquire(17)
	defer log.Release(17)
	if i&8 != 0 {
		log.Acquire(18)
		defer log.Release(18)
	}
	log.Acquire(19)
	defer log.Release(19)
	if i&1 != 0 {
		log.Acquire(20)
		defer log.Release(20)
	}
	return env.Work(i)
}
