package build

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk builds with less and less room for temporary files, until the
// disk is full before anything is written. What is in the cache after that has to be as
// good as what is in another one.
func TestFullDisk(t *testing.T) {
	long(t)
	m := unpack(t, "small")
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("no file system to fill: %v", err)
	}
	defer syscall.Unmount(small, syscall.MNT_DETACH)
	caches := [2]string{t.TempDir(), t.TempDir()}
	base := append(m.env, "GOCACHE="+caches[0])
	m.env = base
	m.build(native, ".")
	counts := []int{300, 100, 24, 16, 12, 8, 7, 6, 5, 4, 3, 2, 1, 0} // of pages that are free
	for _, free := range counts {
		m.write("lib/value.go", fmt.Sprintf("package lib\n\nfunc init() { defer println(%d) }\n", free))
		m.env = append(base, "GOTMPDIR="+fill(t, small, free))
		r := m.run(native.command("build", "-o", m.path("exe"), ".")...)
		if r.Exit != 0 && (!strings.Contains(r.Stderr, "no space left on device") || strings.Contains(r.Stderr, "bug")) {
			t.Errorf("%d pages: exit %d\n%s", free, r.Exit, r.Stderr)
		}
	}
	for _, free := range counts {
		m.write("lib/value.go", fmt.Sprintf("package lib\n\nfunc init() { defer println(%d) }\n", free))
		if !m.sameFrom(caches, base) {
			t.Errorf("%d pages: another executable from the cache of builds that failed", free)
		}
	}
}

// fill empties dir, leaves room for so many pages on its disk, and returns a
// directory in it.
func fill(t *testing.T, dir string, pages int) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	tmp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	if n := int(disk.Bfree) - pages; n > 0 {
		if err := os.WriteFile(filepath.Join(dir, "fill"), make([]byte, n*int(disk.Bsize)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return tmp
}
