package fn

import (
	"sync"

	"bench/env"
)

func PanicTwo(mu *sync.Mutex, c env.Closer, n int) (err any) {
	defer func() { err = recover() }()
	panicTwo(mu, c, n)
	return nil
}

func panicTwo(mu *sync.Mutex, c env.Closer, n int) int {
	if n == 0 {
		panic(c)
	}
	mu.Lock()
	defer mu.Unlock()
	other := new(sync.Mutex)
	defer c.Close()
	return panicTwo(other, c, n-1) + 1
}
