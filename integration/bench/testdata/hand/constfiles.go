package fn

import "bench/env"

func ConstFiles(d *env.Dir) int {
	sum := 0
	var files [16]*env.File
	for i := range files {
		f := d.Open(i)
		files[i] = f
		sum += f.Read(i)
	}
	for i := len(files) - 1; i >= 0; i-- {
		files[i].Close()
	}
	return sum
}
