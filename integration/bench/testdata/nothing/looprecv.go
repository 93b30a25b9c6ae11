package fn

import "bench/env"

func LoopRecv(d *env.Dir, n int) int {
	sum := 0
	for i := range n {
		f := d.Open(i)
		sum += f.Read(i)
	}
	return sum
}
