//go:build unix

package env

import "syscall"

// CPU is the time that this process has computed so far, in nanoseconds.
func CPU() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
