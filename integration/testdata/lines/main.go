// Command lines prints the lines of its own statements, as runtime.Caller
// tells them, and where a panic started.
package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

func here(what string) {
	_, file, line, _ := runtime.Caller(1)
	fmt.Printf("%s: %s:%d\n", what, filepath.Base(file), line)
}

func straight() error {
	here("first statement")
	defer func() {
		here("in a deferred literal")
	}()
	here("after a defer")

	defer fmt.Println(
		"a call of",
		"several lines",
	)
	here("after a long defer")
	return errors.Join(
		nil,
		func() error { here("in a return's operand"); return nil }(),
	)
}

func conditional(n int) (err error) {
	if n > 0 {
		defer func() {
			here("in a conditional deferred literal")
			err = errors.Join(err, errors.New("joined"))
		}()
	}
	if n > 1 {
		here("before an early return")
		return nil
	}
	here("before the last return")
	return err
}

func loop() {
	for i := range 3 {
		here("in a loop")
		defer func() { here(fmt.Sprint("deferred in iteration ", i)) }()
	}
	here("after the loop")
}

func panics(m map[string]int) {
	defer func() {
		fmt.Println("recovered:", recover())
		for _, frame := range stack() {
			fmt.Println(frame)
		}
	}()

	m["x"]++ // m is nil
	here("never")
}

// stack lists the program's own frames that are not literals: what calls a
// deferred literal may have another name after a rewrite.
func stack() []string {
	pcs := make([]uintptr, 50)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var own []string
	for {
		frame, more := frames.Next()
		name, ok := strings.CutPrefix(frame.Function, "main.")
		if ok && !strings.Contains(name, ".") {
			own = append(own, fmt.Sprintf("%s at %s:%d", name, filepath.Base(frame.File), frame.Line))
		}
		if !more {
			return own
		}
	}
}

func main() {
	here("main")
	fmt.Println(straight())
	for n := range 3 {
		fmt.Println(conditional(n))
	}
	loop()
	panics(nil)
	here("the end")
}
