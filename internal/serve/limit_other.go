//go:build !unix

package serve

import (
	"context"
	"os/exec"
)

// limited returns a command that runs program; only GOMEMLIMIT says how much memory
// it should use.
func limited(ctx context.Context, program string) *exec.Cmd { return exec.CommandContext(ctx, program) }
