package fn

import "bench/env"

func PanicFrames(log *env.Log, n int) (err any) {
	defer func() { err = recover() }()
	panicFrames(log, n)
	return nil
}

func panicFrames(log *env.Log, n int) int {
	if n == 0 {
		panic(log)
	}
	return panicFrames(log, n-1) + 1
}
