package fn

import (
	"errors"

	"bench/env"
)

var errOdd = errors.New("odd")

//go:noinline
func panicIf(odd bool) {
	if odd {
		panic(errOdd)
	}
}

func PanicRecover(log *env.Log, i int) (v int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	panicIf(i >= 0)
	return env.Work(i), nil
}
