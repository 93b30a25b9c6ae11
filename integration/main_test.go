package integration

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

var (
	dedeferFlag = flag.String("dedefer", "", "test this dedefer executable (default: built from the tree)")
	oracleFlag  = flag.Bool("oracle", false, "run each case before rewriting too, to check its recorded output")
	gorootFlag  = flag.Bool("goroot", false, "run all programs of GOROOT/test that have a defer, not only those named for it")
	buildsFlag  = flag.Bool("modules.builds", false, "fetch real modules, rewrite them and test them with -race, coverage, without optimisations, vendored and in a workspace")
	stdFlag     = flag.String("std", "", `run the tests of the standard library's packages over a rewritten one: "some", "all", or import paths separated by commas`)
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
	if err := touchSources(); err != nil {
		return err
	}
	tool, err = harness.BuildTool(root, dir)
	return err
}

// touchSources looks at every source of the tool and of the programs that it is
// tried on: the go command keys the cached result of a test by the files that
// the test process itself looks at, and would not see those that only the
// commands it runs read.
func touchSources() error {
	for _, dir := range []string{"cmd", "internal", "rewrite", "runtime", "integration", "testdata/copier"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				_, err = os.Stat(p)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rewrite runs "dedefer rewrite" with the given flags on all packages of dir.
func rewrite(dir string, flags ...string) (harness.Result, error) {
	args := append([]string{tool, "rewrite"}, flags...)
	return harness.Command{Dir: dir, Args: append(args, "./...")}.RunOK()
}
