//go:build !unix

package env

import "time"

var start = time.Now()

// CPU is the time that has passed: the system does not tell in package syscall
// how long this process has computed.
func CPU() int64 { return time.Since(start).Nanoseconds() }
