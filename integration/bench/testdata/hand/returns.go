package fn

import "bench/env"

func Returns(log *env.Log, d *env.Dir, i int) int {
	log.Acquire(i)
	f := d.Open(0)
	var v int
	switch i & 31 {
	case 0:
		v = f.Read(0)
	case 1:
		v = f.Read(1)
	case 2:
		v = f.Read(2)
	case 3:
		if env.Failed(i + 3) {
			v = -3
		} else {
			v = env.Work(i)
		}
	case 4:
		v = f.Read(4)
	case 5:
		v = f.Read(5)
	case 6:
		v = f.Read(6)
	case 7:
		if env.Failed(i + 7) {
			v = -7
		} else {
			v = env.Work(i)
		}
	case 8:
		v = f.Read(8)
	case 9:
		v = f.Read(9)
	case 10:
		v = f.Read(10)
	case 11:
		if env.Failed(i + 11) {
			v = -11
		} else {
			v = env.Work(i)
		}
	case 12:
		v = f.Read(12)
	case 13:
		v = f.Read(13)
	case 14:
		v = f.Read(14)
	case 15:
		if env.Failed(i + 15) {
			v = -15
		} else {
			v = env.Work(i)
		}
	case 16:
		v = f.Read(16)
	case 17:
		v = f.Read(17)
	case 18:
		v = f.Read(18)
	case 19:
		if env.Failed(i + 19) {
			v = -19
		} else {
			v = env.Work(i)
		}
	case 20:
		v = f.Read(20)
	case 21:
		v = f.Read(21)
	case 22:
		v = f.Read(22)
	case 23:
		if env.Failed(i + 23) {
			v = -23
		} else {
			v = env.Work(i)
		}
	default:
		v = env.Work(i)
	}
	f.Close()
	log.Release(i)
	return v
}
