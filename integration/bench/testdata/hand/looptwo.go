package fn

import (
	"sync"

	"bench/env"
)

func LoopTwo(d *env.Dir, locks []sync.Mutex) int {
	sum := 0
	var buf [16]*env.File
	files := buf[:0]
	if len(locks) > len(buf) {
		files = make([]*env.File, 0, len(locks))
	}
	for i := range locks {
		locks[i].Lock()
		f := d.Open(i)
		files = append(files, f)
		sum += f.Read(i)
	}
	for i := len(files) - 1; i >= 0; i-- {
		files[i].Close()
		locks[i].Unlock()
	}
	return sum
}
