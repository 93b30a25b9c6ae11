package fn

import "bench/env"

func LoopRecv(d *env.Dir, n int) int {
	sum := 0
	var buf [16]*env.File
	files := buf[:0]
	if n > len(buf) {
		files = make([]*env.File, 0, n)
	}
	for i := range n {
		f := d.Open(i)
		files = append(files, f)
		sum += f.Read(i)
	}
	for i := len(files) - 1; i >= 0; i-- {
		files[i].Close()
	}
	return sum
}
