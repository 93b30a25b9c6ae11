package fn

import (
	"sync"

	"bench/env"
)

func LockCall(mu *sync.Mutex, i int) int {
	mu.Lock()
	defer mu.Unlock()
	return env.Work(i)
}
