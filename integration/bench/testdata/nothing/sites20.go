package fn

import "bench/env"

func Sites20(log *env.Log, i int) int {
	log.Acquire(1)
	if i&4 != 0 {
		log.Acquire(2)
	}
	log.Acquire(3)
	if i&16 != 0 {
		log.Acquire(4)
	}
	log.Acquire(5)
	if i&2 != 0 {
		log.Acquire(6)
	}
	log.Acquire(7)
	if i&8 != 0 {
		log.Acquire(8)
	}
	log.Acquire(9)
	if i&1 != 0 {
		log.Acquire(10)
	}
	log.Acquire(11)
	if i&4 != 0 {
		log.Acquire(12)
	}
	log.Acquire(13)
	if i&16 != 0 {
		log.Acquire(14)
	}
	log.Acquire(15)
	if i&2 != 0 {
		log.Acquire(16)
	}
	log.Acquire(17)
	if i&8 != 0 {
		log.Acquire(18)
	}
	log.Acquire(19)
	if i&1 != 0 {
		log.Acquire(20)
	}
	return env.Work(i)
}
