//go:build unix

package gobuild

import (
	"os"
	"slices"

	"github.com/dedefer/dedefer/internal/become"
)

func init() {
	if len(os.Args) < 2 || !slices.Contains(Names, os.Args[1]) {
		return
	}
	b, err := New(os.Args[1], os.Args[2:])
	if err != nil || b.Work {
		return // main has something to say
	}
	if command, err := b.Command(); err == nil {
		_, _ = become.Program(command) // main comes to the same error
	}
}
