package fn

import "bench/env"

func LoopCapture(d *env.Dir, ids []int) int {
	sum := 0
	var buf [16]*env.File
	files := buf[:0]
	if len(ids) > len(buf) {
		files = make([]*env.File, 0, len(ids))
	}
	for _, id := range ids {
		f := d.Open(id)
		files = append(files, f)
		sum += f.Read(id)
	}
	for i := len(files) - 1; i >= 0; i-- {
		d.Log.Note(i)
		files[i].Close()
	}
	return sum
}
