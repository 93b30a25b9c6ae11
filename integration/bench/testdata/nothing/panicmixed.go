package fn

import (
	"sync"

	"bench/env"
)

func PanicMixed(log *env.Log, mu *sync.Mutex, n int) (err any) {
	defer func() { err = recover() }()
	panicMixed(log, mu, n)
	return nil
}

func panicMixed(log *env.Log, mu *sync.Mutex, n int) int {
	if n == 0 {
		panic(log)
	}
	return panicMixed(log, mu, n-1) + 1
}
