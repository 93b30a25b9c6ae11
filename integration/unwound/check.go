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

// Check is deferred. It records that a panic or Goexit runs it, and through
// which function.
func Check() {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	caller, more := frames.Next()
	cause := caller.Function
	if cause != "runtime.gopanic" && cause != "runtime.Goexit" {
		return
	}
	once.Do(func() {
		through := caller
		for more && through.Function != "" && inRuntime(through.Function) {
			through, more = frames.Next()
		}
		write(cause + " through " + through.Function + "\n")
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
