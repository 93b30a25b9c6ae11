//go:build unix

package output

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedefer/dedefer/rewrite"
)

const (
	dirEnv  = "DEDEFER_OUTPUT_DIR"
	nobody  = 65534
	bigFile = 1 << 20
)

func init() {
	children["inplace"] = inPlaceChild
	children["copy"] = copyChild
	children["copies"] = copiesChild
	children["inplace nobody"] = func() error { return asNobody(inPlaceChild) }
	children["copy nobody"] = func() error { return asNobody(copyChild) }
	children["inplace full"] = func() error { return withoutRoom(inPlaceChild) }
	children["copy full"] = func() error { return withoutRoom(copyChild) }
}

func childModule() *rewrite.Module {
	return &rewrite.Module{Path: "example.com/m", Dir: filepath.Join(os.Getenv(dirEnv), "m"), GoVersion: "1.26"}
}

func inPlaceChild() error {
	files, err := lowered(childModule())
	if err != nil {
		return err
	}
	return InPlace(context.Background(), files)
}

func copyChild() error {
	mod := childModule()
	files, err := lowered(mod)
	if err != nil {
		return err
	}
	c := &Copy{Dir: filepath.Join(os.Getenv(dirEnv), "out"), Module: mod, Files: files, Version: "v0.0.0", Env: append(os.Environ(), "GOWORK=off")}
	return c.Write(context.Background())
}

func copiesChild() error {
	for {
		if err := copyChild(); err != nil {
			return err
		}
	}
}

func asNobody(f func() error) error {
	if os.Getuid() == 0 {
		if err := syscall.Setuid(nobody); err != nil {
			return err
		}
	}
	return f()
}

// withoutRoom runs f where no file can grow as large as a Go file here.
func withoutRoom(f func() error) error {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: bigFile / 2, Max: bigFile / 2}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return f()
}

func child(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	// The go command wants a cache, which it does not use here.
	cmd.Env = append(os.Environ(), childEnv+"="+name, dirEnv+"="+dir, "GOCACHE="+dir)
	return cmd
}

// failing runs a child that must fail, and change nothing in dir.
func failing(t *testing.T, name, dir, want string) {
	t.Helper()
	before := snapshot(t, dir)
	out, err := child(t, name, dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s\nwant an error with %q", err, out, want)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("was:\n%sis:\n%s", before, after)
	}
}

func chownAll(t *testing.T, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// othersRun skips a test of root's where others cannot run the go command: one that
// was fetched as a module may be below root's own directory.
func othersRun(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dir := strings.TrimSpace(string(out)); os.Getuid() == 0; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode()&1 == 0 {
			t.Skipf("others cannot enter %s: %v", dir, err)
		}
		if dir == filepath.Dir(dir) {
			return
		}
	}
}

func TestNoPermission(t *testing.T) {
	othersRun(t)
	module := func(t *testing.T) string {
		dir := filepath.Dir(testModule(t, twoFiles).Dir)
		chownAll(t, dir)
		return dir
	}
	chmod := func(t *testing.T, mode fs.FileMode, elem ...string) {
		name := filepath.Join(elem...)
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(name, 0o755) })
	}
	// Root reads everything, also in snapshot; others do not.
	root := os.Getuid() == 0
	t.Run("read-only directory", func(t *testing.T) {
		dir := module(t)
		chmod(t, 0o555, dir, "m")
		failing(t, "inplace nobody", dir, "permission denied")
	})
	t.Run("unreadable file", func(t *testing.T) {
		if !root {
			t.Skip("cannot compare what cannot be read")
		}
		dir := module(t)
		chmod(t, 0, dir, "m", "go.mod")
		failing(t, "copy nobody", dir, "go.mod: permission denied")
	})
	t.Run("unreadable directory", func(t *testing.T) {
		if !root {
			t.Skip("cannot compare what cannot be read")
		}
		dir := module(t)
		write(t, filepath.Join(dir, "m", "closed", "x"), "")
		chmod(t, 0, dir, "m", "closed")
		failing(t, "copy nobody", dir, "closed: permission denied")
	})
	t.Run("read-only parent", func(t *testing.T) {
		dir := module(t)
		chmod(t, 0o555, dir)
		failing(t, "copy nobody", dir, "name a directory inside one that you may write to")
	})
	t.Run("read-only tree", func(t *testing.T) { // as in the module cache
		dir := module(t)
		write(t, filepath.Join(dir, "m", "sub", "x"), "")
		chownAll(t, dir)
		chmod(t, 0o444, dir, "m", "a.go")
		chmod(t, 0o555, dir, "m", "sub")
		chmod(t, 0o555, dir, "m")
		t.Cleanup(func() { removeTree(filepath.Join(dir, "out")) })
		for range 2 { // the second time it has to remove the first
			if out, err := child(t, "copy nobody", dir).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		info, err := os.Stat(filepath.Join(dir, "out", "sub"))
		if err != nil || info.Mode().Perm() != 0o555 {
			t.Errorf("out/sub: %v, %v", info, err)
		}
		entries, _ := os.ReadDir(dir)
		if len(entries) != 2 {
			t.Errorf("left behind: %v", entries)
		}
	})
}

func TestFullDisk(t *testing.T) {
	// A limit on the size of files fails the same way, and needs no disk.
	for _, name := range []string{"inplace full", "copy full"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Dir(testModule(t, twoFiles).Dir)
			write(t, filepath.Join(dir, "m", "big.go"), "package m\n"+strings.Repeat("//\n", bigFile/3))
			failing(t, name, dir, "big.go: file too large")
		})
	}
}

// TestKillInPlace kills the writer at any time, and looks for anything but whole
// files, and for a file whose import is missing.
func TestKillInPlace(t *testing.T) {
	const n = 40
	seen := make(map[int]int)
	for round := range 25 {
		dir := tempDir(t)
		write(t, filepath.Join(dir, "m", "go.mod"), "module example.com/m\n")
		old := make([]string, n)
		for i := range n {
			old[i] = fmt.Sprintf("package m // %d\n%s", i, strings.Repeat("//\n", 3000))
			write(t, filepath.Join(dir, "m", fmt.Sprintf("f%d.go", i)), old[i])
		}
		runtime := filepath.Join(dir, "m", "internal", "dedefer", "dedefer.go")
		killAfter(t, child(t, "inplace", dir), func() {
			if round%2 == 0 {
				time.Sleep(time.Duration(rand.IntN(30)+round) * time.Millisecond)
				return
			}
			// The renames take no time: be there when they start.
			for until := time.Now().Add(time.Second); time.Now().Before(until); {
				if _, err := os.Stat(runtime); err == nil {
					return
				}
			}
		})
		changed := 0
		for i := range n {
			switch got := read(t, filepath.Join(dir, "m", fmt.Sprintf("f%d.go", i))); got {
			case old[i] + newMark:
				changed++
			case old[i]:
			default:
				t.Fatalf("f%d.go is neither old nor new: %d bytes", i, len(got))
			}
		}
		if changed > 0 {
			if got := read(t, runtime); got != "package dedefer\n" {
				t.Fatalf("%d files are new, but the runtime is %q", changed, got)
			}
		}
		seen[changed]++
	}
	t.Logf("files changed: times seen: %v", seen)
}

// TestKillCopy kills a writer that replaces a copy over and over.
func TestKillCopy(t *testing.T) {
	dir := tempDir(t)
	unpack(t, filepath.Join(dir, "m"), twoFiles)
	for i := range 20 {
		write(t, filepath.Join(dir, "m", "data", fmt.Sprint(i)), strings.Repeat("x", 100_000))
	}
	if out, err := child(t, "copy", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out := filepath.Join(dir, "out")
	write(t, filepath.Join(out, ".git", "HEAD"), "ref\n") // not ours: stays
	want := snapshot(t, out)
	for round := range 15 {
		killAfter(t, child(t, "copies", dir), func() {
			time.Sleep(time.Duration(rand.IntN(60)+3*round) * time.Millisecond)
		})
		if got := snapshot(t, out); got != want {
			t.Fatalf("after a kill:\n%swant:\n%s", got, want)
		}
	}
}

func killAfter(t *testing.T, cmd *exec.Cmd, wait func()) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait()
	cmd.Process.Kill()
	cmd.Wait()
	if stderr.Len() > 0 {
		t.Fatal(stderr.String())
	}
}
