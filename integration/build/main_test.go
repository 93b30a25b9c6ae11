package build

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/integration/harness"
)

var (
	dedeferFlag = flag.String("dedefer", "", "test this dedefer executable (default: built from the tree)")
	buildsFlag  = flag.Bool("builds", false, "also build what takes long: net/http, gin with bbolt, std again for each kind of build")
	kindsFlag   = flag.Bool("kinds", false, "build in every kind of build that takes little, in every way, and with empty caches")
	killsFlag   = flag.Int("kills", 4, "how many builds are killed")
	costFlag    = flag.String("cost", "", "measure what lowering costs, with caches in this directory, which must not exist yet")
	stdNoneFlag = flag.String("std.none", "", `run the tests of the standard library's packages with -unwind=none and -scope=all: "all", or import paths separated by commas`)
)

var tool string // the dedefer executable under test

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(runAll(m))
}

func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dedefer-build")
	if err == nil {
		defer os.RemoveAll(dir)
		err = prepare(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration/build:", err)
		return 1
	}
	return m.Run()
}

func prepare(dir string) error {
	if *dedeferFlag != "" {
		var err error
		tool, err = filepath.Abs(*dedeferFlag)
		return err
	}
	root, err := harness.ModuleRoot()
	if err != nil {
		return err
	}
	tool, err = harness.BuildTool(root, dir)
	return err
}

// long skips a test that takes long, unless it is asked for.
func long(t *testing.T) {
	t.Helper()
	if !*buildsFlag {
		t.Skip("only with -builds")
	}
}

// kinds skips what compiles the standard library once more, unless it is asked for.
func kinds(t *testing.T) {
	t.Helper()
	if !*kindsFlag && !*buildsFlag {
		t.Skip("only with -kinds")
	}
}

// A module is a directory with a module, and the environment to build it in.
type module struct {
	t   *testing.T
	dir string
	env []string
}

// unpack writes testdata/NAME.txtar.
func unpack(t *testing.T, name string) *module {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	m := &module{t: t, dir: t.TempDir(), env: []string{"GOFLAGS=-buildvcs=false"}}
	for _, f := range ar.Files {
		m.write(f.Name, string(f.Data))
	}
	return m
}

func (m *module) path(name string) string { return filepath.Join(m.dir, filepath.FromSlash(name)) }

func (m *module) write(name, text string) {
	m.t.Helper()
	if err := harness.WriteFile(m.path(name), text); err != nil {
		m.t.Fatal(err)
	}
}

// replace replaces text in a file.
func (m *module) replace(name, old, new string) {
	m.t.Helper()
	data, err := os.ReadFile(m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		m.t.Fatalf("%s has no %q", name, old)
	}
	m.write(name, strings.ReplaceAll(string(data), old, new))
}

// run runs a command to whatever exit code.
func (m *module) run(args ...string) harness.Result {
	m.t.Helper()
	r, err := harness.Command{Dir: m.dir, Args: args, Env: m.env, Limit: time.Hour}.Run()
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

// ok runs a command that has to succeed.
func (m *module) ok(args ...string) harness.Result {
	m.t.Helper()
	r := m.run(args...)
	if r.Exit != 0 {
		m.t.Fatalf("%s: exit %d\n%s%s", strings.Join(args, " "), r.Exit, r.Stdout, r.Stderr)
	}
	return r
}

// A way is how a module is built: by the go command alone, or lowered.
type way []string

var (
	plain  = way{}
	native = way{"-unwind=native"}
	none   = way{"-unwind=none"}
	all    = way{"-unwind=none", "-scope=all"}
)

func (w way) String() string {
	if len(w) == 0 {
		return "plain"
	}
	return strings.Join(w, " ")
}

// command returns the command line of a command of the go command, such as
// build.
func (w way) command(name string, args ...string) []string {
	if len(w) == 0 {
		return append([]string{"go", name}, args...)
	}
	return slices.Concat([]string{tool, name}, w, args)
}

// build builds a package to a file, and returns its name and the packages that
// were compiled for it.
func (m *module) build(w way, args ...string) (exe string, compiled []string) {
	m.t.Helper()
	exe = filepath.Join(m.t.TempDir(), "exe")
	r := m.ok(w.command("build", append([]string{"-x", "-o", exe}, args...)...)...)
	return exe, compiledPackages(r.Stderr)
}

var compileLine = regexp.MustCompile(`(?m)compile"? -o \S+ .* -p (\S+) `)

// compiledPackages finds in what -x prints which packages were compiled.
func compiledPackages(log string) (paths []string) {
	for _, match := range compileLine.FindAllStringSubmatch(log, -1) {
		paths = append(paths, match[1])
	}
	slices.Sort(paths)
	return paths
}

// Addresses in a crash's trace.
var address = regexp.MustCompile(`(\+|=|\{|, |\()0x[0-9a-f]+\??`)

// says returns what an executable prints, without addresses, and how it ends.
func (m *module) says(exe string, args ...string) string {
	m.t.Helper()
	r := m.run(append([]string{exe}, args...)...)
	return address.ReplaceAllString(fmt.Sprintf("%s%sexit %d", r.Stdout, r.Stderr, r.Exit), "${1}ADDR")
}

func sum(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// callers returns which functions of an executable call the runtime for their
// defer statements, but for those of the Go runtime.
func callers(t *testing.T, exe string) (names []string) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the executable is searched for calls on linux/amd64 only")
	}
	names, err := DeferCallers(exe)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// How long tests took.
var duration = regexp.MustCompile(`\d+\.\d+s`)
