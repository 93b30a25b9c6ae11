package fn

import "bench/env"

func LiteralArg(log *env.Log, i int) int {
	return env.Work(i + 1)
}
