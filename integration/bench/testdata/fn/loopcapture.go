package fn

import "bench/env"

func LoopCapture(d *env.Dir, ids []int) int {
	sum := 0
	for i, id := range ids {
		f := d.Open(id)
		defer func() {
			d.Log.Note(i)
			f.Close()
		}()
		sum += f.Read(id)
	}
	return sum
}
