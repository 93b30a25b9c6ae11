package unwound

import (
	"os"
	"runtime"
	"sync"
)

var (
	record = os.Getenv("DEDEFER_UNWOUND") // read early: a test may clear the environment
	once   sync.Once
)

// Check is deferred. It records that a panic or Goexit runs it, and in which
// function that began.
func Check() {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	frame, more := frames.Next()
	var cause string
	switch frame.Function {
	case "runtime.gopanic":
		cause = "panic"
	case "runtime.Goexit":
		cause = "Goexit"
	default:
		return
	}
	once.Do(func() {
		for more && inRuntime(frame.Function) {
			frame, more = frames.Next()
		}
		write(cause + " in " + frame.Function + "\n")
	})
}

func inRuntime(function string) bool {
	const prefix = "runtime."
	return len(function) > len(prefix) && function[:len(prefix)] == prefix
}

func write(line string) {
	if record == "" {
		return
	}
	f, err := os.OpenFile(record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0666)
	if err == nil {
		_, err = f.WriteString(line)
		f.Close()
	}
	if err != nil {
		os.Stderr.WriteString("dedefer: cannot record a panic: " + err.Error() + "\n")
		os.Exit(3)
	}
}
