package fn

import "bench/env"

func Recover(i int) (int, error) {
	return env.Work(i), nil
}
