package fn

import "bench/env"

func Conditional(log *env.Log, d *env.Dir, i int) int {
	log.Acquire(i)
	var f *env.File
	if i&1 != 0 {
		f = d.Open(0)
	}
	if i&2 != 0 {
		log.Acquire(2)
	}
	v := -1
	if !env.Failed(i) {
		v = env.Work(i)
	}
	if i&2 != 0 {
		log.Release(2)
	}
	if f != nil {
		f.Close()
	}
	log.Release(i)
	return v
}
