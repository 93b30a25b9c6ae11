// Loops whose records are in the frame: a constant number of rounds, an array, a
// promise.
//
// unwind: none ok
package main

import "fmt"

type lock struct {
	name string
	held bool
}

func (l *lock) unlock() {
	fmt.Println("unlock", l.name, l.held)
	l.held = false
}

func constant(stop int) int {
	for i := 0; i < 4; i++ {
		if i == stop {
			return i
		}
		defer fmt.Println("count", i)
	}
	return -1
}

func array(locks [3]lock) {
	for i := range locks {
		locks[i] = lock{fmt.Sprint(i), true}
		defer locks[i].unlock()
	}
	fmt.Println("all locked")
}

func promised(names []string) (n int) {
	defer func() { fmt.Println("ran", n) }()
	//dedefer:max 4
	for _, name := range names {
		name := name
		defer func() {
			n++
			fmt.Println("bye", name)
		}()
	}
	return 0
}

func nested() {
	for i := 0; i < 2; i++ {
		for j := int8(3); j > 0; j -= 2 {
			if i == 1 {
				defer fmt.Println("odd", i, j)
				continue
			}
			defer fmt.Println("even", i, j)
		}
	}
}

func main() {
	for stop := 0; stop < 6; stop++ {
		fmt.Println(constant(stop))
	}
	array([3]lock{})
	fmt.Println(promised(nil), promised([]string{"a", "b", "c", "d"}))
	nested()
}
