// Goexit under pending calls, then a panic that nobody recovers.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

func worker(id int, wg *sync.WaitGroup) {
	defer wg.Done()
	defer fmt.Println("worker done", id)
	defer func() { fmt.Println("recovered", recover()) }()
	for i := 0; i < id; i++ {
		defer fmt.Println("pending", id, i)
	}
	inner(id)
	fmt.Println("not reached by", id)
}

func inner(id int) {
	defer func() {
		if id == 2 {
			panic("replaces a Goexit")
		}
	}()
	if id == 3 {
		defer runtime.Goexit()
		panic("replaced by a Goexit")
	}
	defer fmt.Println("inner", id)
	runtime.Goexit()
}

func last() {
	defer fmt.Println("pending when the program ends")
	for i := 0; i < 3; i++ {
		defer fmt.Println("record", i)
	}
	panic("end")
}

func main() {
	for id := 0; id < 4; id++ {
		var wg sync.WaitGroup
		wg.Add(1)
		go worker(id, &wg)
		wg.Wait()
	}
	last()
}
