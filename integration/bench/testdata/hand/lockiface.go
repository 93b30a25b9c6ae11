package fn

import (
	"sync"

	"bench/env"
)

func LockIface(mu *sync.Mutex, c env.Closer) error {
	mu.Lock()
	err := c.Close()
	mu.Unlock()
	return err
}
