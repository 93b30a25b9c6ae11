//go:build unix

package toolexec

import (
	"os"
	"os/exec"
	"syscall"
)

// Exec becomes the program that args name. It returns only with an error.
func Exec(args []string) (code int, err error) {
	name, err := exec.LookPath(args[0])
	if err != nil {
		return 1, err
	}
	return 1, syscall.Exec(name, args, os.Environ())
}
