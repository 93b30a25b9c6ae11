package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// limitMemory lets the process take 64 MB before it collects garbage for the first
// time, and from then on half of what is in use beside it. Most packages that
// `dedefer build` compiles are over before: collecting took a third of the time
// there. What is larger is held in memory for a moment only, and memory is
// scarcer than time.
//
// Who sets GOGC or GOMEMLIMIT has both as the Go runtime understands them.
func limitMemory() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(64 << 20)
	collected := new([1]*byte) // by the first collection
	runtime.AddCleanup(collected, func(percent int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, 50)
}
