package fn

import "bench/env"

func Returns(log *env.Log, d *env.Dir, i int) int {
	log.Acquire(i)
	defer log.Release(i)
	f := d.Open(0)
	defer f.Close()
	switch i & 31 {
	case 0:
		return f.Read(0)
	case 1:
		return f.Read(1)
	case 2:
		return f.Read(2)
	case 3:
		if env.Failed(i + 3) {
			return -3
		}
	case 4:
		return f.Read(4)
	case 5:
		return f.Read(5)
	case 6:
		return f.Read(6)
	case 7:
		if env.Failed(i + 7) {
			return -7
		}
	case 8:
		return f.Read(8)
	case 9:
		return f.Read(9)
	case 10:
		return f.Read(10)
	case 11:
		if env.Failed(i + 11) {
			return -11
		}
	case 12:
		return f.Read(12)
	case 13:
		return f.Read(13)
	case 14:
		return f.Read(14)
	case 15:
		if env.Failed(i + 15) {
			return -15
		}
	case 16:
		return f.Read(16)
	case 17:
		return f.Read(17)
	case 18:
		return f.Read(18)
	case 19:
		if env.Failed(i + 19) {
			return -19
		}
	case 20:
		return f.Read(20)
	case 21:
		return f.Read(21)
	case 22:
		return f.Read(22)
	case 23:
		if env.Failed(i + 23) {
			return -23
		}
	}
	return env.Work(i)
}
