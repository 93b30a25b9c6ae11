package fn

import (
	"sync"

	"bench/env"
)

func LoopTwo(d *env.Dir, locks []sync.Mutex) int {
	sum := 0
	for i := range locks {
		f := d.Open(i)
		sum += f.Read(i)
	}
	return sum
}
