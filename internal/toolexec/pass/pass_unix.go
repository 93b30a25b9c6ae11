//go:build unix

package pass

import (
	"os"
	"syscall"
)

func init() {
	if tool := Tool(os.Args); tool != nil {
		syscall.Exec(tool[0], tool, syscall.Environ()) // where it returns, main tries again, and says why
	}
}
