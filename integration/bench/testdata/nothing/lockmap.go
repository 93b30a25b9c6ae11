package fn

import "bench/env"

func LockMap(c *env.Cache, key string) int {
	return c.M[key]
}
