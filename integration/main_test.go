package integration

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

var (
	dedeferFlag = flag.String("dedefer", "", "test this dedefer executable (default: built from the tree)")
	casesFlag   = flag.Bool("cases", false, "run each case by itself, in all modes and with all checks, and the other tests' programs in all modes")
	oracleFlag  = flag.Bool("oracle", false, "run each case before rewriting too, to check its recorded output")
	gorootFlag  = flag.Bool("goroot", false, "run all programs of GOROOT/test that have a defer, not only those named for it")
	buildsFlag  = flag.Bool("modules.builds", false, "fetch real modules, rewrite them and test them with -race, coverage, without optimisations, vendored and in a workspace")
	stdFlag     = flag.String("std", "", `run the tests of the standard library's packages over a rewritten one: "some", "all", or import paths separated by commas`)
	depsFlag    = flag.Bool("modules.deps", false, "fetch real modules, and test them with their dependencies rewritten by dedefer test")
	modulesFlag = flag.Bool("modules", false, "fetch real modules, rewrite them and run their own tests")
)

var (
	root string // of this module
	tool string // the dedefer executable under test
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(runAll(m))
}

// runAll is TestMain's body, in a function of its own so that its deferred
// clean-up runs before os.Exit.
func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dedefer-integration")
	if err == nil {
		defer os.RemoveAll(dir)
		err = prepare(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		return 1
	}
	return m.Run()
}

func prepare(dir string) (err error) {
	if root, err = harness.ModuleRoot(); err != nil {
		return err
	}
	if *dedeferFlag != "" {
		tool, err = filepath.Abs(*dedeferFlag)
		return err
	}
	if err := harness.TouchSources(root, "integration", "testdata/copier"); err != nil {
		return err
	}
	tool, err = harness.BuildTool(root, dir)
	return err
}

// rewrite runs "dedefer rewrite" with the given flags on all packages of dir.
func rewrite(dir string, flags ...string) (harness.Result, error) {
	args := append([]string{tool, "rewrite"}, flags...)
	return harness.Command{Dir: dir, Args: append(args, "./...")}.RunOK()
}
