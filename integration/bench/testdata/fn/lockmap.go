package fn

import "bench/env"

func LockMap(c *env.Cache, key string) int {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.M[key]
}
