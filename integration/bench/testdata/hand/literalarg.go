package fn

import "bench/env"

func LiteralArg(log *env.Log, i int) int {
	start := env.Work(i)
	v := env.Work(i + 1)
	log.Note(i - start)
	return v
}
