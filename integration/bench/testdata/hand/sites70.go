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
	v := env.Work(i)
	if i&1 != 0 {
		log.Release(70)
	}
	log.Release(69)
	log.Release(68)
	log.Release(67)
	log.Release(66)
	if i&1 != 0 {
		log.Release(65)
	}
	log.Release(64)
	log.Release(63)
	log.Release(62)
	log.Release(61)
	if i&1 != 0 {
		log.Release(60)
	}
	log.Release(59)
	log.Release(58)
	log.Release(57)
	log.Release(56)
	if i&1 != 0 {
		log.Release(55)
	}
	log.Release(54)
	log.Release(53)
	log.Release(52)
	log.Release(51)
	if i&1 != 0 {
		log.Release(50)
	}
	log.Release(49)
	log.Release(48)
	log.Release(47)
	log.Release(46)
	if i&1 != 0 {
		log.Release(45)
	}
	log.Release(44)
	log.Release(43)
	log.Release(42)
	log.Release(41)
	if i&1 != 0 {
		log.Release(40)
	}
	log.Release(39)
	log.Release(38)
	log.Release(37)
	log.Release(36)
	if i&1 != 0 {
		log.Release(35)
	}
	log.Release(34)
	log.Release(33)
	log.Release(32)
	log.Release(31)
	if i&1 != 0 {
		log.Release(30)
	}
	log.Release(29)
	log.Release(28)
	log.Release(27)
	log.Release(26)
	if i&1 != 0 {
		log.Release(25)
	}
	log.Release(24)
	log.Release(23)
	log.Release(22)
	log.Release(21)
	if i&1 != 0 {
		log.Release(20)
	}
	log.Release(19)
	log.Release(18)
	log.Release(17)
	log.Release(16)
	if i&1 != 0 {
		log.Release(15)
	}
	log.Release(14)
	log.Release(13)
	log.Release(12)
	log.Release(11)
	if i&1 != 0 {
		log.Release(10)
	}
	log.Release(9)
	log.Release(8)
	log.Release(7)
	log.Release(6)
	if i&1 != 0 {
		log.Release(5)
	}
	log.Release(4)
	log.Release(3)
	log.Release(2)
	log.Release(1)
	return v
}
