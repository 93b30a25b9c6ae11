package fn

import "bench/env"

func LoopCapture(d *env.Dir, ids []int) int {
	sum := 0
	for _, id := range ids {
		f := d.Open(id)
		sum += f.Read(id)
	}
	return sum
}
