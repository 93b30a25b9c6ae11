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
	other := new(sync.Mutex)
	return panicTwo(other, c, n-1) + 1
}
