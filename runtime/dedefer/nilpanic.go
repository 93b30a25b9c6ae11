//go:build dedefer_nilpanic

package dedefer

import "runtime"

func init() { nilPanic = calledByPanic }

// calledByPanic reports whether a panic, not a Goexit, called the deferred
// function that is running. Either of them stays on the stack below the
// function it calls, so the nearer one is the caller, however many wrappers or
// inlined functions are in between.
func calledByPanic() bool {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
	for {
		frame, more := frames.Next()
		switch frame.Function {
		case "runtime.gopanic":
			return true
		case "runtime.Goexit":
			return false
		}
		if !more {
			return false
		}
	}
}
