package targets

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// A target is a way to build an executable and to run it.
type target struct {
	name  string
	tools [][]string // what it needs: one of each list
	build func(dir, exe string) error
	// run returns what runs exe. found has the tools.
	run func(found []string, exe string) []string
}

var (
	linuxARM = gc("linux", "arm", [][]string{{"qemu-arm", "qemu-arm-static"}}, emulated)
	gccgo    = target{"gccgo", [][]string{{"gccgo"}}, func(dir, exe string) error { return buildGccgo(dir, exe) },
		func(_ []string, exe string) []string { return []string{exe} }}
)

var targets = []target{
	linuxARM,
	gc("linux", "riscv64", [][]string{{"qemu-riscv64", "qemu-riscv64-static"}}, emulated),
	gc("linux", "mips", [][]string{{"qemu-mips", "qemu-mips-static"}}, emulated),
	gc("js", "wasm", [][]string{{"node"}}, func(found []string, exe string) []string {
		return []string{found[0], filepath.Join(goroot(), "lib", "wasm", "wasm_exec_node.js"), exe}
	}),
	gc("wasip1", "wasm", [][]string{{"node"}}, func(found []string, exe string) []string {
		return []string{found[0], filepath.Join(root, "integration", "targets", "testdata", "wasi.mjs"), exe}
	}),
	gccgo,
}

func emulated(found []string, exe string) []string { return []string{found[0], exe} }

// gc is a target of Go's own compiler.
func gc(goos, goarch string, tools [][]string, run func([]string, string) []string) target {
	build := func(dir, exe string) error {
		_, err := harness.Command{
			Dir:  dir,
			Args: []string{"go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", exe, "."},
			Env:  []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0"},
		}.RunOK()
		return err
	}
	return target{goos + "/" + goarch, tools, build, run}
}

func goroot() string {
	r, err := harness.Command{Args: []string{"go", "env", "GOROOT"}}.RunOK()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(r.Stdout)
}

// find returns the tools of a target, or skips the test.
func find(t *testing.T, tools [][]string) (found []string) {
	t.Helper()
	for _, names := range tools {
		i := slices.IndexFunc(names, func(name string) bool { _, err := exec.LookPath(name); return err == nil })
		if i < 0 {
			t.Skipf("%s is not on PATH", strings.Join(names, ", "))
		}
		found = append(found, names[i])
	}
	return found
}

// TestTargets compares the programs before and after on each target.
func TestTargets(t *testing.T) {
	suites := map[bool]*suite{} // by whether it is for gccgo
	if *allFlag {
		suites[false] = newSuite(t, "1.26", without(t, allCases(t), "gc"))
		suites[true] = newSuite(t, "1.18", without(t, forGccgo(t, allCases(t)), "gccgo"))
	} else {
		suites[true] = newSuite(t, "1.18", fewPrograms(t))
		suites[false] = suites[true]
	}
	for _, target := range targets {
		t.Run(target.name, func(t *testing.T) {
			if !*allFlag && !*eachFlag && !slices.Contains([]string{"linux/arm", "wasip1/wasm", "gccgo"}, target.name) {
				t.Skip("only with -targets.each")
			}
			t.Parallel()
			target.test(t, suites[target.name == "gccgo"])
		})
	}
}

// An executable runs one of the programs in it.
type executable func(t *testing.T, program string) harness.Result

// test compares the programs of s on one target.
func (target target) test(t *testing.T, s *suite) {
	found := find(t, target.tools)
	dir := t.TempDir()
	build := func(name, src string) executable {
		exe := filepath.Join(dir, name)
		if err := target.build(src, exe); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return running(target.run(found, exe))
	}
	want := s.run(t, build("before", s.before))
	native := s.compare(t, "native", want, build("native", s.native))
	none := s.compare(t, "none", want, build("none", s.none))
	t.Logf("%d programs after -unwind=native, %d after -unwind=none", native, none)
}

func running(args []string) executable {
	return func(t *testing.T, program string) harness.Result {
		t.Helper()
		r, err := harness.Command{Args: append(slices.Clone(args), program), Env: []string{"GOTRACEBACK=none"}, Limit: 10 * time.Minute}.Run()
		if err != nil {
			t.Error(err)
		}
		return r
	}
}

// run runs all programs.
func (s *suite) run(t *testing.T, exe executable) map[string]harness.Result {
	t.Helper()
	results := map[string]harness.Result{}
	for name := range s.programs {
		results[name] = exe(t, name)
	}
	return results
}

// compare runs the programs that have to behave in this mode as they did before,
// and returns how many that are.
func (s *suite) compare(t *testing.T, mode string, want map[string]harness.Result, exe executable) (n int) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(s.programs)) {
		if mode == "none" && !s.programs[name].calm {
			continue
		}
		n++
		if diff := harness.Compare(want[name], exe(t, name), false); diff != "" {
			t.Errorf("%s, -unwind=%s: %s", name, mode, diff)
		}
	}
	return n
}

// tinygo is TinyGo for this machine.
var tinygo = target{"tinygo", [][]string{{"tinygo"}}, buildTinyGo, func(_ []string, exe string) []string { return []string{exe} }}

func buildTinyGo(dir, exe string) error {
	_, err := harness.Command{Dir: dir, Args: []string{"tinygo", "build", "-o", exe, "."}}.RunOK()
	return err
}

// TestTinyGo compares with what gc's executables do: not all of these programs are
// ones that TinyGo compiles before, or compiles rightly. It does no more than
// -unwind=none is for. Each program is one of its own, so that one that TinyGo
// cannot compile afterwards either stops no other.
func TestTinyGo(t *testing.T) {
	find(t, tinygo.tools)
	programs := allCases(t)
	maps.Copy(programs, fewPrograms(t))
	maps.DeleteFunc(programs, func(_ string, p program) bool { return !p.calm })
	var ran, mended, refused atomic.Int32
	t.Run("programs", func(t *testing.T) {
		for name, p := range programs {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSuite(t, "1.23", map[string]program{name: p})
				dir := t.TempDir()
				exe := func(name string) string { return filepath.Join(dir, harness.Exe(name)) }
				if err := harness.GoBuild(s.before, exe("gc")); err != nil {
					t.Skip(err) // it needs a newer Go
				}
				want := s.run(t, running([]string{exe("gc")}))
				before := buildTinyGo(s.before, exe("before"))
				if err := buildTinyGo(s.none, exe("none")); err != nil {
					if before == nil {
						t.Errorf("TinyGo compiles it before, and not after: %v", err)
					}
					refused.Add(1)
					t.Skip(err)
				}
				ran.Add(1)
				s.compare(t, "none", want, running([]string{exe("none")}))
				if before != nil || harness.Compare(want[name], running([]string{exe("before")})(t, name), false) != "" {
					mended.Add(1)
				}
			})
		}
	})
	t.Logf("%d of %d programs do the same after -unwind=none; %d of them TinyGo does not compile, or not rightly, as they are; %d it cannot compile at all",
		ran.Load(), len(programs), mended.Load(), refused.Load())
}
