package fn

import (
	"sync"

	"bench/env"
)

func ConstLocks(locks *[4]sync.Mutex, i int) int {
	for k := range locks {
		locks[k].Lock()
		defer locks[k].Unlock()
	}
	return env.Work(i)
}
