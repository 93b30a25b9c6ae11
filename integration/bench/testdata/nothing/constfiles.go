package fn

import "bench/env"

func ConstFiles(d *env.Dir) int {
	sum := 0
	for i := range 16 {
		f := d.Open(i)
		sum += f.Read(i)
	}
	return sum
}
