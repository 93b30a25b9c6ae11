// Package become makes the process another program, where the system can do that.
package become

import (
	"errors"
	"io"
	"os"
	"os/exec"
)

// Run runs the program that args name, and returns its exit code.
func Run(args []string, stdout, stderr io.Writer) (code int, err error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
