//go:build !unix

package toolexec

import "os"

// Exec runs the program that args name, and returns its exit code.
func Exec(args []string) (code int, err error) { return run(args, os.Stdout, os.Stderr) }
