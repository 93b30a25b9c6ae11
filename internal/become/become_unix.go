//go:build unix

package become

import (
	"os"
	"os/exec"
	"syscall"
)

// Program becomes the program that args name. It returns only with an error.
func Program(args []string) (code int, err error) {
	name, err := exec.LookPath(args[0])
	if err != nil {
		return 1, err
	}
	return 1, syscall.Exec(name, args, os.Environ())
}
