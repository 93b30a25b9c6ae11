//go:build unix

package build

import (
	"os/exec"
	"syscall"
)

// group makes a command, and all that it starts, a group that killGroup kills.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
