package fn

import "bench/env"

func Conditional(log *env.Log, d *env.Dir, i int) int {
	log.Acquire(i)
	defer log.Release(i)
	if i&1 != 0 {
		f := d.Open(0)
		defer f.Close()
	}
	if i&2 != 0 {
		log.Acquire(2)
		defer log.Release(2)
	}
	if env.Failed(i) {
		return -1
	}
	return env.Work(i)
}
