//go:build unix

package serve

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
)

// limited returns a command that runs program with little memory and small files.
// When ctx ends, what it started ends, too.
func limited(ctx context.Context, program string) *exec.Cmd {
	limits := fmt.Sprintf("ulimit -d %d; ulimit -t %d; ulimit -f 4096; ulimit -c 0; exec \"$0\"", runMemory>>10, int(runTime.Seconds())+1)
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", limits, program)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
