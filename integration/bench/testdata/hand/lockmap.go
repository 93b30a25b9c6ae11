package fn

import "bench/env"

func LockMap(c *env.Cache, key string) int {
	c.Mu.Lock()
	v := c.M[key]
	c.Mu.Unlock()
	return v
}
