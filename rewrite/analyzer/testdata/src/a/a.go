package a // want package:"15 functions"

import (
	"context"
	"fmt"
	"log"
	"os"
	"sync"
	"time"
)

func loop(names []string) {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close() // want `deferred calls pile up until loop returns: nothing bounds the loop`
	}
	for range 3 {
		defer fmt.Println("three at most")
	}
	//dedefer:max 8
	for range names {
		defer fmt.Println("eight at most")
	}
	for {
		defer fmt.Println("once: the loop ends here")
		return
	}
}

var rows = []string{"a", "b"}

func tables(names []string) {
	for _, name := range rows {
		defer os.Remove(name)
	}
	few := []string{"x", "y"}
	if len(names) > 0 {
		few = few[:1]
	}
	for _, name := range few {
		defer os.Remove(name)
	}
	many := []string{"z"}
	many = append(many, names...)
	for _, name := range many {
		defer os.Remove(name) // want `deferred calls pile up until tables returns: nothing bounds the loop`
	}
}

func inGoroutine() {
	go func() {
		recover() // want `this recover cannot fire: the go statement calls the function, and nothing defers it`
		defer func() { recover() }()
	}()
	func() {
		_ = recover() // want `this recover cannot fire: the function is called in place, and not deferred`
	}()
	defer func() {
		func() {
			recover() // want `this recover cannot fire: the function is called in place, and not deferred`
		}()
		recover()
	}()
	defer recover() // want `a recover that is deferred itself stops no panic of this function`
	plain()
	passed := alsoPassed
	passed()
}

func init() {
	if r := recover(); r != nil { // want `this recover cannot fire: no deferred call is one of init`
		fmt.Println(r)
	}
}

func plain()      { recover() } // want `this recover cannot fire: nothing defers plain`
func alsoPassed() { recover() }
func Exported()   { recover() }

func exits(code int) {
	defer fmt.Println("bye")
	if code > 0 {
		os.Exit(code) // want `os.Exit ends the program: what is deferred here does not run`
	}
}

func exitsWithNothingLost(f *os.File, mu *sync.Mutex) {
	defer f.Close()
	defer func() { recover() }()
	mu.Lock()
	defer mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if ctx.Err() != nil {
		os.Exit(1)
	}
}

func restores(level int) {
	defer log.SetFlags(level)
	level = level | log.Lshortfile
	log.SetFlags(level)
}

func fatal() {
	if len(os.Args) == 0 {
		log.Fatal("nothing is pending here")
	}
	defer fmt.Println("bye")
}

func serve(requests chan int) {
	defer close(requests) // want `serve does not return behind this defer statement: only a panic or runtime.Goexit runs the call`
	for {
		fmt.Println(<-requests)
	}
}

func servePanics(requests chan int) {
	defer func() { fmt.Println(recover()) }()
	for {
		fmt.Println(<-requests)
	}
}

func report(err error) {}

func early(start time.Time) (err error) {
	defer fmt.Println(time.Since(start)) // want `time.Since is called by the defer statement, not by the deferred call`
	defer report(err)                    // want `err is read by the defer statement: what the function returns is not known yet`
	defer func(err error) { report(err) }(err)
	n := 1
	defer fmt.Println("n", n) // want `n is read by the defer statement, and assigned later, at line \d+`
	m := 1
	defer fmt.Println(m, func() int { return n }())
	n++
	_ = m
	return fmt.Errorf("%d", n)
}
