package build

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestCost measures what lowering costs, of the server on gin and bbolt with all
// of the standard library, for the table of docs/build.md. Times are only logged.
func TestCost(t *testing.T) {
	if *costFlag == "" {
		t.Skip("only with -cost")
	}
	dir, err := filepath.Abs(*costFlag)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatalf("%s exists: what is in its caches would not be built", dir)
	}
	m := unpack(t, "gin")
	m.ok("go", "mod", "tidy")
	c := &costs{module: m, ways: [2]way{plain, all}}
	for i, name := range []string{"plain", "lowered"} {
		c.caches[i] = filepath.Join(dir, name)
		c.exes[i] = filepath.Join(dir, harness.Exe(name+".exe"))
	}
	c.cold()
	c.warm(31)
	c.edit()
	a, b := size(t, c.exes[0]), size(t, c.exes[1])
	t.Logf("text: %d bytes, %d lowered, %.3f", a, b, float64(b)/float64(a))
	if b > a {
		t.Error("the text grew")
	}
	c.peak(filepath.Join(dir, "peak"))
}

// costs compares builds in two ways, each with a cache of its own.
type costs struct {
	*module
	ways   [2]way
	caches [2]string
	exes   [2]string
}

// build builds in the i-th way, and returns the CPU time of all processes.
func (c *costs) build(i int, flags ...string) time.Duration {
	args := c.ways[i].command("build", append(flags, "-o", c.exes[i], ".")...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(append(os.Environ(), c.env...), "GOCACHE="+c.caches[i])
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Errorf("%v: %v\n%s", c.ways[i], err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// cold builds both ways at the same time, so that both suffer from what else
// the machine does.
func (c *costs) cold() {
	var times [2]time.Duration
	var both sync.WaitGroup
	for i := range times {
		both.Go(func() { times[i] = c.build(i) })
	}
	both.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
	c.compare("cold", times)
}

func (c *costs) compare(what string, times [2]time.Duration) {
	c.t.Logf("%s: %.2f s of CPU time, %.2f lowered, %.3f", what, times[0].Seconds(), times[1].Seconds(), times[1].Seconds()/times[0].Seconds())
}

// warm builds n times in turn, and takes the median.
func (c *costs) warm(n int) {
	var all [2][]time.Duration
	for range n {
		for i := range all {
			all[i] = append(all[i], c.build(i))
		}
	}
	var median [2]time.Duration
	for i := range all {
		slices.Sort(all[i])
		median[i] = all[i][n/2]
	}
	c.compare(fmt.Sprintf("warm, median of %d", n), median)
}

// edit compares which packages are compiled after an edit.
func (c *costs) edit() {
	c.replace("main.go", `"one"`, `"two"`)
	var sets [2][]string
	env := slices.Clip(c.env)
	for i, w := range c.ways {
		c.env = append(env, "GOCACHE="+c.caches[i])
		_, sets[i] = c.module.build(w, ".")
	}
	c.env = env
	c.t.Logf("compiled after an edit: %v, %v lowered", sets[0], sets[1])
	if !slices.Equal(sets[0], sets[1]) {
		c.t.Error("other packages")
	}
}

// peak builds with a compiler that writes down how much memory dedefer took
// before it started the compiler.
func (c *costs) peak(dir string) {
	if runtime.GOOS != "linux" {
		return
	}
	compile, log := filepath.Join(dir, "compile"), filepath.Join(dir, "log")
	if _, err := (harness.Command{Dir: "testdata/peak", Args: []string{"go", "build", "-o", compile, "main.go"}}).RunOK(); err != nil {
		c.t.Fatal(err)
	}
	// What this compiles is no good for other builds: it has the compiler's own version.
	c.env = append(slices.Clip(c.env), "PEAK="+log, "GOCACHE="+filepath.Join(dir, "cache"))
	c.ok("go", "build", "-o", filepath.Join(dir, "exe"), fmt.Sprintf("-toolexec=%s toolexec -unwind=none -scope=all %s", tool, compile), ".")
	f, err := os.Open(log)
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	type used struct {
		path string
		kb   int
	}
	var list []used
	for s := bufio.NewScanner(f); s.Scan(); {
		var u used
		if _, err := fmt.Sscan(s.Text(), &u.path, &u.kb); err != nil {
			c.t.Fatal(s.Text(), err)
		}
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b used) int { return cmp.Compare(b.kb, a.kb) })
	for _, u := range list[:5] {
		c.t.Logf("memory: %d MB for %s", u.kb>>10, u.path)
	}
}
