package fn

import "bench/env"

func Generic[T any](p *env.Pool[T], use func(T) int) int {
	x := p.Get()
	v := use(x)
	p.Put(x)
	return v
}
