package fn

import (
	"sync"

	"bench/env"
)

func LockCall(mu *sync.Mutex, i int) int {
	return env.Work(i)
}
