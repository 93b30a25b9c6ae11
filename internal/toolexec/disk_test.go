//go:build unix

package toolexec

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFullDisk has a compiler that cannot write what it makes of lowered files. That
// is no bug, though it could write the smaller archive of the original ones.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	compiler := write(t, dir, "compile", `#!/bin/sh
case "$*" in
*/dedefer/*) echo "compile: writing output: no space left on device"; exit 3;;
esac
`)
	if err := os.Chmod(compiler, 0o777); err != nil {
		t.Fatal(err)
	}
	cfg := write(t, dir, "importcfg", "")
	file := write(t, dir, "p.go", "package p\n\nfunc F() {\n\tdefer println()\n}\n")
	code, err := Run([]string{compiler, "-o", filepath.Join(dir, "_pkg_.a"), "-p", "p", "-lang=go1.25", "-importcfg", cfg, file}, Options{Scope: All})
	if code != 3 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
}
