package fn

import (
	"sync"

	"bench/env"
)

func ConstLocks(locks *[4]sync.Mutex, i int) int {
	for k := range locks {
		locks[k].Lock()
	}
	v := env.Work(i)
	for k := len(locks) - 1; k >= 0; k-- {
		locks[k].Unlock()
	}
	return v
}
