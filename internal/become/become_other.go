//go:build !unix

package become

import "os"

// Program runs the program that args name, and returns its exit code.
func Program(args []string) (code int, err error) { return Run(args, os.Stdout, os.Stderr) }
