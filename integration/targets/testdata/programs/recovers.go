// Panics, those of the hardware among them, and the ways to recover.
package main

import (
	"errors"
	"fmt"
)

type node struct {
	next *node
	val  int
}

//go:noinline
func fault(kind int) (n int) {
	var (
		p    *node
		list []int
		m    map[string]int
		v    interface{} = "text"
		zero int
		f    func()
	)
	switch kind {
	case 0:
		return p.next.val
	case 1:
		return list[kind]
	case 2:
		m["x"] = 1
	case 3:
		return v.(int)
	case 4:
		return 1 / zero
	case 5:
		f()
	case 6:
		list = list[:kind]
	case 7:
		panic(errors.New("own"))
	case 8:
		panic(struct{ a, b int }{1, 2})
	}
	return kind
}

func inLiteral(kind int) (n int, err error) {
	defer fmt.Println("after the recovery of", kind)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			err = fmt.Errorf("other: %v", r)
		}
	}()
	defer fmt.Println("before it")
	return fault(kind), nil
}

func handle(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("handled: %v", r)
	}
}

func byName(kind int) (err error) {
	defer handle(&err)
	if kind > 3 {
		defer fmt.Println("high")
	}
	fault(kind)
	return nil
}

type guard struct{ last interface{} }

func (g *guard) catch() { g.last = recover() }

func byMethod(kind int, catch interface{ catch() }) {
	defer catch.catch()
	for i := 0; i < 3; i++ {
		defer func(i int) {
			if i == 1 {
				panic(fmt.Sprint("again ", i))
			}
			fmt.Println("round", i)
		}(i)
	}
	fault(kind)
}

func raised(kind int) (s string) {
	defer func() { s = fmt.Sprint("outer ", recover(), recover()) }()
	defer func() {
		if r := recover(); r != nil {
			panic(fmt.Sprint("raised ", r))
		}
	}()
	fault(kind)
	return "none"
}

func main() {
	var g guard
	for kind := 0; kind < 10; kind++ {
		fmt.Println(inLiteral(kind))
		fmt.Println(byName(kind))
		byMethod(kind, &g)
		fmt.Println(g.last)
		fmt.Println(raised(kind))
	}
}
