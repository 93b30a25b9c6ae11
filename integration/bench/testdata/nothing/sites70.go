package fn

import "bench/env"

func Sites70(log *env.Log, i int) int {
	log.Acquire(1)
	log.Acquire(2)
	log.Acquire(3)
	log.Acquire(4)
	if i&1 != 0 {
		log.Acquire(5)
	}
	log.Acquire(6)
	log.Acquire(7)
	log.Acquire(8)
	log.Acquire(9)
	if i&1 != 0 {
		log.Acquire(10)
	}
	log.Acquire(11)
	log.Acquire(12)
	log.Acquire(13)
	log.Acquire(14)
	if i&1 != 0 {
		log.Acquire(15)
	}
	log.Acquire(16)
	log.Acquire(17)
	log.Acquire(18)
	log.Acquire(19)
	if i&1 != 0 {
		log.Acquire(20)
	}
	log.Acquire(21)
	log.Acquire(22)
	log.Acquire(23)
	log.Acquire(24)
	if i&1 != 0 {
		log.Acquire(25)
	}
	log.Acquire(26)
	log.Acquire(27)
	log.Acquire(28)
	log.Acquire(29)
	if i&1 != 0 {
		log.Acquire(30)
	}
	log.Acquire(31)
	log.Acquire(32)
	log.Acquire(33)
	log.Acquire(34)
	if i&1 != 0 {
		log.Acquire(35)
	}
	log.Acquire(36)
	log.Acquire(37)
	log.Acquire(38)
	log.Acquire(39)
	if i&1 != 0 {
		log.Acquire(40)
	}
	log.Acquire(41)
	log.Acquire(42)
	log.Acquire(43)
	log.Acquire(44)
	if i&1 != 0 {
		log.Acquire(45)
	}
	log.Acquire(46)
	log.Acquire(47)
	log.Acquire(48)
	log.Acquire(49)
	if i&1 != 0 {
		log.Acquire(50)
	}
	log.Acquire(51)
	log.Acquire(52)
	log.Acquire(53)
	log.Acquire(54)
	if i&1 != 0 {
		log.Acquire(55)
	}
	log.Acquire(56)
	log.Acquire(57)
	log.Acquire(58)
	log.Acquire(59)
	if i&1 != 0 {
		log.Acquire(60)
	}
	log.Acquire(61)
	log.Acquire(62)
	log.Acquire(63)
	log.Acquire(64)
	if i&1 != 0 {
		log.Acquire(65)
	}
	log.Acquire(66)
	log.Acquire(67)
	log.Acquire(68)
	log.Acquire(69)
	if i&1 != 0 {
		log.Acquire(70)
	}
	return env.Work(i)
}
