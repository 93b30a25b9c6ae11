package output

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/rewrite"
)

func testModule(t *testing.T, archive string) *rewrite.Module {
	t.Helper()
	dir := filepath.Join(tempDir(t), "m")
	unpack(t, dir, archive)
	return &rewrite.Module{Path: "example.com/m", Dir: dir, GoMod: filepath.Join(dir, "go.mod"), GoVersion: "1.26"}
}

const twoFiles = `
-- go.mod --
module example.com/m

go 1.26
-- a.go --
package m
-- b.go --
package m // b
`

func TestInPlace(t *testing.T) {
	mod := testModule(t, twoFiles)
	if err := os.Chmod(filepath.Join(mod.Dir, "b.go"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := InPlace(t.Context(), mustLower(t, mod)); err != nil {
		t.Fatal(err)
	}
	want := `drwxr-xr-x .
-rw-r--r-- a.go "package m\n// lowered\n"
-rwxr-x--- b.go "package m // b\n// lowered\n"
-rw-r--r-- go.mod "module example.com/m\n\ngo 1.26\n"
drwxr-xr-x internal
drwxr-xr-x internal/dedefer
-rw-r--r-- internal/dedefer/dedefer.go "package dedefer\n"
`
	if got := snapshot(t, mod.Dir); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestInPlaceSymlink(t *testing.T) {
	mod := testModule(t, twoFiles)
	outside := filepath.Join(filepath.Dir(mod.Dir), "c.go")
	write(t, outside, "package m // c\n")
	for _, link := range []string{"c.go", "d.go"} { // two names of one file
		if err := os.Symlink("../c.go", filepath.Join(mod.Dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := InPlace(t.Context(), mustLower(t, mod)); err != nil {
		t.Fatal(err)
	}
	if text, err := os.Readlink(filepath.Join(mod.Dir, "c.go")); err != nil || text != "../c.go" {
		t.Errorf("the link is now %q, %v", text, err)
	}
	if got := read(t, outside); got != "package m // c\n"+newMark {
		t.Errorf("the file is now %q", got)
	}
}

func TestInPlaceRefuses(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(mod *rewrite.Module, files []rewrite.File) error
		want    string
	}{
		{"read-only file", func(mod *rewrite.Module, _ []rewrite.File) error {
			return os.Chmod(filepath.Join(mod.Dir, "b.go"), 0o444)
		}, "b.go: file is read-only: make it writable (chmod u+w)"},
		{"edited since", func(mod *rewrite.Module, _ []rewrite.File) error {
			return os.WriteFile(filepath.Join(mod.Dir, "b.go"), []byte("package other\n"), 0o644)
		}, "b.go: file has changed since"},
		{"removed since", func(mod *rewrite.Module, _ []rewrite.File) error {
			return os.Remove(filepath.Join(mod.Dir, "b.go"))
		}, "b.go: no such file"},
		{"runtime in the way", func(mod *rewrite.Module, files []rewrite.File) error {
			if err := os.MkdirAll(filepath.Dir(files[0].Name), 0o755); err != nil {
				return err
			}
			return os.WriteFile(files[0].Name, []byte("package mine\n"), 0o644)
		}, "a file of this name exists"},
		{"file where a directory must be", func(mod *rewrite.Module, _ []rewrite.File) error {
			return os.WriteFile(filepath.Join(mod.Dir, "internal"), nil, 0o644)
		}, "not a directory"},
		{"one file, two results", func(mod *rewrite.Module, files []rewrite.File) error {
			if err := os.Remove(files[2].Name); err != nil {
				return err
			}
			files[2].Old = files[1].Old
			return os.Symlink("a.go", files[2].Name)
		}, "are the same file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			mod := testModule(t, twoFiles)
			files := mustLower(t, mod)
			if err := test.prepare(mod, files); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, mod.Dir)
			wantError(t, InPlace(t.Context(), files), test.want)
			if after := snapshot(t, mod.Dir); after != before {
				t.Errorf("was:\n%sis:\n%s", before, after)
			}
		})
	}
}

func TestInPlaceCancelled(t *testing.T) {
	mod := testModule(t, twoFiles)
	before := snapshot(t, mod.Dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, InPlace(ctx, mustLower(t, mod)), "canceled")
	if after := snapshot(t, mod.Dir); after != before {
		t.Errorf("was:\n%sis:\n%s", before, after)
	}
}

func TestRuntimeFirst(t *testing.T) {
	mod := testModule(t, twoFiles)
	files := mustLower(t, mod)
	write(t, files[0].Name, "package dedefer // of an older version\n")
	files[0].Old = []byte(read(t, files[0].Name))
	files = append(files[1:], files[0])
	edits, err := plan(files)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(edits[0].name, "dedefer.go") {
		t.Errorf("the first file is %s", edits[0].name)
	}
}

// TestInPlaceRemoves: what is no longer needed goes, and the directory of the
// bundled runtime with its last file.
func TestInPlaceRemoves(t *testing.T) {
	mod := testModule(t, twoFiles)
	if err := InPlace(t.Context(), mustLower(t, mod)); err != nil {
		t.Fatal(err)
	}
	var files []rewrite.File
	for _, name := range []string{"a.go", "internal/dedefer/dedefer.go"} {
		name = filepath.Join(mod.Dir, filepath.FromSlash(name))
		files = append(files, rewrite.File{Name: name, Module: mod, Old: []byte(read(t, name))})
	}
	if err := InPlace(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	want := `drwxr-xr-x .
-rw-r--r-- b.go "package m // b\n// lowered\n"
-rw-r--r-- go.mod "module example.com/m\n\ngo 1.26\n"
`
	if got := snapshot(t, mod.Dir); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}
