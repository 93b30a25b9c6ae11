package fn

import (
	"sync"

	"bench/env"
)

func LockIface(mu *sync.Mutex, c env.Closer) error {
	return c.Close()
}
