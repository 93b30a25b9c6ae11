package fn

import (
	"sync"

	"bench/env"
)

func LockIface(mu *sync.Mutex, c env.Closer) error {
	mu.Lock()
	defer mu.Unlock()
	return c.Close()
}
