package fn

import (
	"sync"

	"bench/env"
)

func LockCall(mu *sync.Mutex, i int) int {
	mu.Lock()
	r := env.Work(i)
	mu.Unlock()
	return r
}
