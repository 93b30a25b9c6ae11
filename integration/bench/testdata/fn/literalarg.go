package fn

import "bench/env"

func LiteralArg(log *env.Log, i int) int {
	defer func(start int) { log.Note(i - start) }(env.Work(i))
	return env.Work(i + 1)
}
