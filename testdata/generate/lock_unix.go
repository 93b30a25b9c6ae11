//dedefer:tag dedefer
//go:build unix && !solaris && !aix && !dedefer

package spool

import (
	"os"
	"syscall"
	"time"
)

// lock keeps other programs out of f.
func lock(f *os.File) (unlock func(), err error) {
	warn := time.AfterFunc(10*time.Second, func() { println("waiting for", f.Name()) })
	defer warn.Stop()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	return func() { syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, nil
}
