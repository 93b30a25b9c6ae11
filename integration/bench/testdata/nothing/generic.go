package fn

import "bench/env"

func Generic[T any](p *env.Pool[T], use func(T) int) int {
	x := p.Free[len(p.Free)-1]
	return use(x)
}
