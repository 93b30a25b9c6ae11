// Loops that repeat as often as they like: records on the heap.
//
// unwind: none ok
package main

import (
	"fmt"
	"strings"
)

type file struct {
	name string
	log  *strings.Builder
}

func open(name string, log *strings.Builder) (*file, error) {
	if name == "" {
		return nil, fmt.Errorf("no name after %q", log.String())
	}
	log.WriteString("+" + name)
	return &file{name, log}, nil
}

func (f *file) close() { f.log.WriteString("-" + f.name) }

func openAll(log *strings.Builder, names ...string) error {
	for _, name := range names {
		f, err := open(name, log)
		if err != nil {
			return err
		}
		defer f.close()
	}
	log.WriteString("!")
	return nil
}

func mixed(n int) (sum int64) {
	for i := 0; i < n; i++ {
		switch i % 3 {
		case 0:
			defer func(by int64) { sum = sum*10 + by }(int64(i))
		case 1:
			defer fmt.Println("one", i, sum)
		default:
			for c := 'a'; c < 'a'+rune(i); c++ {
				defer fmt.Print(string(c))
			}
		}
	}
	return int64(n)
}

func again(n int) {
top:
	if n == 0 {
		return
	}
	defer fmt.Println("goto", n)
	n--
	goto top
}

func main() {
	for n := 0; n < 40; n += 13 {
		fmt.Println(mixed(n))
	}
	var log strings.Builder
	fmt.Println(openAll(&log, "a", "b"), log.String())
	fmt.Println(openAll(&log, "c", "", "d"), log.String())
	again(20)
}
