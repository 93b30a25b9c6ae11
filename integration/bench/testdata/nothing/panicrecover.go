package fn

import "bench/env"

func PanicRecover(log *env.Log, i int) (int, error) {
	return env.Work(i), nil
}
