package fn

import (
	"sync"

	"bench/env"
)

func LoopTwo(d *env.Dir, locks []sync.Mutex) int {
	sum := 0
	for i := range locks {
		locks[i].Lock()
		defer locks[i].Unlock()
		f := d.Open(i)
		defer f.Close()
		sum += f.Read(i)
	}
	return sum
}
