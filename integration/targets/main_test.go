package targets

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

var (
	allFlag  = flag.Bool("targets", false, "run all cases that a target can run, not only a few")
	eachFlag = flag.Bool("targets.each", false, "run on each target whose tools are there, not only on three")
)

var (
	root string // of this module
	tool string // the dedefer command, built from the tree
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(runAll(m))
}

// runAll is a function of its own so that its deferred clean-up runs before
// os.Exit.
func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dedefer-targets")
	if err == nil {
		defer os.RemoveAll(dir)
		if root, err = harness.ModuleRoot(); err == nil {
			tool, err = harness.BuildTool(root, dir)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "targets:", err)
		return 1
	}
	return m.Run()
}
