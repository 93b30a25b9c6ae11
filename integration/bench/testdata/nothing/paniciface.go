package fn

import "bench/env"

func PanicIface(c env.Closer, n int) (err any) {
	defer func() { err = recover() }()
	panicIface(c, n)
	return nil
}

func panicIface(c env.Closer, n int) int {
	if n == 0 {
		panic(c)
	}
	return panicIface(c, n-1) + 1
}
