package output

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/rewrite"
)

// copyTo copies mod, lowered, to dir, and returns the notes.
func copyTo(t *testing.T, mod *rewrite.Module, dir string, env ...string) []string {
	t.Helper()
	var notes []string
	c := &Copy{Dir: dir, Module: mod, Files: mustLower(t, mod), Version: "v0.0.0",
		Env: append(os.Environ(), env...), Note: func(line string) { notes = append(notes, line) }}
	if err := c.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	return notes
}

// withoutMarker drops the line of the marker file from a snapshot.
func withoutMarker(snapshot string) string {
	before, rest, _ := strings.Cut(snapshot, "-rw-r--r-- .dedefer ")
	_, after, _ := strings.Cut(rest, "\n")
	return before + after
}

func TestCopy(t *testing.T) {
	mod := testModule(t, twoFiles+`-- .git/HEAD --
-- sub/.git --
gitdir: elsewhere
-- testdata/repo/.git/HEAD --
kept
-- data/x.bin --
x
-- sub/asm.s --
// asm
`)
	os.WriteFile(filepath.Join(mod.Dir, "data", "x.bin"), []byte{0, 255, '\r', '\n'}, 0o604)
	for name, mode := range map[string]os.FileMode{"a.go": 0o700, "data": 0o750, "data/x.bin": 0o604} {
		if err := os.Chmod(filepath.Join(mod.Dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(mod.Dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, mod.Dir)
	out := filepath.Join(filepath.Dir(mod.Dir), "new", "out")
	if notes := copyTo(t, mod, out); notes != nil {
		t.Errorf("notes: %q", notes)
	}
	want := `drwxr-xr-x .
-rwx------ a.go "package m\n// lowered\n"
-rw-r--r-- b.go "package m // b\n// lowered\n"
drwxr-x--- data
-rw----r-- data/x.bin "\x00\xff\r\n"
drwx------ empty
-rw-r--r-- go.mod "module example.com/m\n\ngo 1.26\n"
drwxr-xr-x internal
drwxr-xr-x internal/dedefer
-rw-r--r-- internal/dedefer/dedefer.go "package dedefer\n"
drwxr-xr-x sub
-rw-r--r-- sub/asm.s "// asm\n"
drwxr-xr-x testdata
drwxr-xr-x testdata/repo
drwxr-xr-x testdata/repo/.git
-rw-r--r-- testdata/repo/.git/HEAD "kept\n"
`
	if got := withoutMarker(snapshot(t, out)); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if after := snapshot(t, mod.Dir); after != before {
		t.Errorf("the source was:\n%sis:\n%s", before, after)
	}
	first := snapshot(t, out)
	copyTo(t, mod, out)
	if again := snapshot(t, out); again != first {
		t.Errorf("the first time:\n%sthe second:\n%s", first, again)
	}
}

func TestCopyAgain(t *testing.T) {
	mod := testModule(t, twoFiles+`-- gone/deep/x --
-- kind --
a file
-- mixed/ours --
`)
	out := filepath.Join(filepath.Dir(mod.Dir), "out")
	copyTo(t, mod, out)
	// What the user put there stays; what the source no longer has goes.
	unpack(t, out, `
-- .git/HEAD --
-- prog --
-- mixed/theirs --
-- gone/theirs --
`)
	if err := os.Symlink("/nowhere", filepath.Join(out, "link")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(out, "a.go"), "edited by hand\n")
	for _, name := range []string{"gone", "kind", "mixed"} {
		if err := os.RemoveAll(filepath.Join(mod.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(mod.Dir, "kind", "dir"), "") // a directory now
	copyTo(t, mod, out)
	want := `drwxr-xr-x .
drwxr-xr-x .git
-rw-r--r-- .git/HEAD ""
-rw-r--r-- a.go "package m\n// lowered\n"
-rw-r--r-- b.go "package m // b\n// lowered\n"
-rw-r--r-- go.mod "module example.com/m\n\ngo 1.26\n"
drwxr-xr-x gone
-rw-r--r-- gone/theirs ""
drwxr-xr-x internal
drwxr-xr-x internal/dedefer
-rw-r--r-- internal/dedefer/dedefer.go "package dedefer\n"
drwxr-xr-x kind
-rw-r--r-- kind/dir ""
Lrwxrwxrwx link -> /nowhere
drwxr-xr-x mixed
-rw-r--r-- mixed/theirs ""
-rw-r--r-- prog ""
`
	if got := withoutMarker(snapshot(t, out)); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(entries) != 2 {
		t.Errorf("beside the copy: %v, %v", entries, err)
	}
}

func TestCopyRefuses(t *testing.T) {
	mod := testModule(t, twoFiles)
	top := filepath.Dir(mod.Dir)
	write(t, filepath.Join(top, "full", "x"), "")
	write(t, filepath.Join(top, "full", "a.go", "x"), "")
	if err := os.Symlink(mod.Dir, filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(top, "dangling")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		dir   string
		force bool
		usage bool
		want  string
	}{
		{mod.Dir, true, true, "is the module itself"},
		{filepath.Join(top, "link"), true, true, "is the module itself"},
		{top, true, true, "contains the module"},
		{"/", true, true, "contains the module"},
		{filepath.Join(top, "full"), false, true, "use -f"},
		{filepath.Join(top, "full"), true, false, "full/a.go is in the way"},
		{filepath.Join(top, "full", "x"), false, true, "not a directory"},
		{filepath.Join(top, "full", "x", "y"), false, false, "not a directory"},
		{filepath.Join(top, "dangling"), false, false, "leads nowhere"},
	}
	before := snapshot(t, top)
	for _, test := range tests {
		c := &Copy{Dir: test.dir, Force: test.force, Module: mod, Files: mustLower(t, mod)}
		err := c.Write(t.Context())
		wantError(t, err, test.want)
		var usage *rewrite.UsageError
		if errors.As(err, &usage) != test.usage {
			t.Errorf("%s: usage error: %v, want %v", test.dir, !test.usage, test.usage)
		}
	}
	if after := snapshot(t, top); after != before {
		t.Errorf("was:\n%sis:\n%s", before, after)
	}
}

func TestCopyForce(t *testing.T) {
	mod := testModule(t, twoFiles)
	out := filepath.Join(filepath.Dir(mod.Dir), "out")
	write(t, filepath.Join(out, "a.go"), "replaced")
	write(t, filepath.Join(out, "theirs", "x"), "kept")
	if err := os.Chmod(out, 0o700); err != nil {
		t.Fatal(err)
	}
	c := &Copy{Dir: out, Force: true, Module: mod, Files: mustLower(t, mod)}
	for range 2 { // and from then on it counts as ours, without -f
		if err := c.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Force = false
	}
	want := `drwx------ .
-rw-r--r-- a.go "package m\n// lowered\n"
-rw-r--r-- b.go "package m // b\n// lowered\n"
-rw-r--r-- go.mod "module example.com/m\n\ngo 1.26\n"
drwxr-xr-x internal
drwxr-xr-x internal/dedefer
-rw-r--r-- internal/dedefer/dedefer.go "package dedefer\n"
drwxr-xr-x theirs
-rw-r--r-- theirs/x "kept"
`
	if got := withoutMarker(snapshot(t, out)); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestCopyInsideModule(t *testing.T) {
	mod := testModule(t, twoFiles)
	for _, name := range []string{"out", "out2", "out"} {
		copyTo(t, mod, filepath.Join(mod.Dir, name))
	}
	for _, name := range []string{"out", "out2"} {
		if got := snapshot(t, filepath.Join(mod.Dir, name)); strings.Contains(got, "x out") {
			t.Errorf("%s has the other, or itself:\n%s", name, got)
		}
	}
}

func TestCopyLinks(t *testing.T) {
	mod := testModule(t, twoFiles+`-- dir/x --
x
-- .git/config --
config
`)
	top := filepath.Dir(mod.Dir)
	write(t, filepath.Join(top, "file"), "outside\n")
	write(t, filepath.Join(top, "elsewhere", "x"), "")
	links := map[string]string{
		"dir/in":        "../a.go",
		"dir/absolute":  filepath.Join(mod.Dir, "dir", "x"),
		"dir/roundtrip": "../../m/dir/x",
		"todir":         "dir",
		"self":          "self",
		"circle":        ".",
		"dir/up":        "..",
		"dangling":      "../nowhere",
		"file":          "../file",
		"git":           ".git/config",
		"outdir":        "../elsewhere",
		"outer":         "..",
		"c.go":          "../file",
		"null":          "/dev/null",
	}
	for name, text := range links {
		if err := os.Symlink(text, filepath.Join(mod.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(top, "out")
	notes := copyTo(t, mod, out)
	want := maps.Clone(links)
	want["dir/absolute"] = "x"
	want["dir/roundtrip"] = "x"
	want["outdir"] = filepath.Join(top, "elsewhere")
	want["outer"] = top
	for name, data := range map[string]string{"file": "outside\n", "git": "config\n", "c.go": "outside\n" + newMark} {
		delete(want, name)
		if got := read(t, filepath.Join(out, name)); got != data {
			t.Errorf("%s is %q", name, got)
		}
		if info, err := os.Lstat(filepath.Join(out, name)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	for name, text := range want {
		if got, err := os.Readlink(filepath.Join(out, name)); err != nil || got != text {
			t.Errorf("%s -> %q, %v; want %q", name, got, err, text)
		}
	}
	if len(notes) != 2 || !strings.Contains(notes[0], "outdir") || !strings.Contains(notes[1], "outer") {
		t.Errorf("notes: %q", notes)
	}
}

// A package matched by a name that goes through a link to a directory.
func TestCopyBelowLink(t *testing.T) {
	mod := testModule(t, twoFiles+`-- real/x.go --
package x
`)
	if err := os.Symlink("real", filepath.Join(mod.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(filepath.Dir(mod.Dir), "out")
	c := &Copy{Dir: out, Module: mod, Files: []rewrite.File{{
		Name: filepath.Join(mod.Dir, "link", "x.go"), Module: mod, Old: []byte("package x\n"), New: []byte("package y\n")}}}
	if err := c.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(out, "real", "x.go")); got != "package y\n" {
		t.Errorf("real/x.go: %q", got)
	}
}

func TestCopyCancelled(t *testing.T) {
	mod := testModule(t, twoFiles)
	top := filepath.Dir(mod.Dir)
	before := snapshot(t, top)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &Copy{Dir: filepath.Join(top, "new", "out"), Module: mod, Files: mustLower(t, mod)}
	if err := c.Write(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if after := snapshot(t, top); after != before {
		t.Errorf("was:\n%sis:\n%s", before, after)
	}
}

func TestCopyReplace(t *testing.T) {
	top := tempDir(t)
	unpack(t, top, `
-- src/m/go.mod --
module example.com/m

go   1.26 // odd spacing stays

require (
	example.com/in v1.0.0
	example.com/lib v1.0.0
)
replace example.com/lib   v1.0.0 => ../lib // why
replace example.com/in => ./in
-- src/m/a.go --
package m

import (
	_ "example.com/in"
	_ "example.com/lib"
)
-- src/m/in/go.mod --
module example.com/in

require example.com/lib v1.0.0
replace example.com/lib => ../../lib
-- src/m/in/in.go --
package in

import _ "example.com/lib"
-- src/m/testdata/go.mod --
module example.com/testdata
replace example.com/lib => ../../lib
-- src/lib/go.mod --
module example.com/lib
-- src/lib/lib.go --
package lib
`)
	mod := &rewrite.Module{Path: "example.com/m", Dir: filepath.Join(top, "src", "m"), GoVersion: "1.26"}
	env := []string{"GOWORK=off", "GOFLAGS=-buildvcs=false", "GOPROXY=off"}
	out := filepath.Join(top, "a", "b", "out")
	for _, vendored := range []bool{false, true} {
		if vendored {
			goCommand(t, mod.Dir, env, "mod", "vendor")
		}
		copyTo(t, mod, out, env...)
		want := strings.Replace(read(t, filepath.Join(mod.Dir, "go.mod")), "=> ../lib", "=> ../../../src/lib", 1)
		if got := read(t, filepath.Join(out, "go.mod")); got != want {
			t.Errorf("go.mod:\n%s", got)
		}
		if got := read(t, filepath.Join(out, "in", "go.mod")); !strings.Contains(got, "=> ../../../../src/lib") {
			t.Errorf("in/go.mod:\n%s", got)
		}
		if got := read(t, filepath.Join(out, "testdata", "go.mod")); !strings.Contains(got, "=> ../../lib") {
			t.Errorf("testdata/go.mod:\n%s", got)
		}
		goCommand(t, out, env, "build", "./...")
	}

	// Seen through a symbolic link, ".." is not what it seems.
	if err := os.MkdirAll(filepath.Join(top, "x", "y", "z"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("x/y/z", filepath.Join(top, "short")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(mod.Dir, "vendor")); err != nil {
		t.Fatal(err)
	}
	out = filepath.Join(top, "short", "out")
	copyTo(t, mod, out, env...)
	if got := read(t, filepath.Join(out, "go.mod")); !strings.Contains(got, "=> "+top+"/src/lib // why") {
		t.Errorf("go.mod:\n%s", got)
	}
	goCommand(t, out, env, "build", "./...")
}

func goCommand(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("in %s: go %s: %v\n%s", dir, strings.Join(args, " "), err, out)
	}
}

const workspaceFiles = `
-- go.work --
go 1.26

use (
	./m // the one
	./other
)

replace example.com/lib => ./lib
-- go.work.sum --
example.com/x v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
-- m/go.mod --
module example.com/m

go 1.26

require example.com/lib v1.0.0
-- m/a.go --
package m

import (
	_ "example.com/lib"
	_ "example.com/other"
)
-- other/go.mod --
module example.com/other

go 1.26
-- other/o.go --
package other
-- lib/go.mod --
module example.com/lib

go 1.26
-- lib/l.go --
package lib
`

func TestCopyWorkspace(t *testing.T) {
	env := []string{"GOWORK=", "GOFLAGS=-buildvcs=false", "GOPROXY=off"}
	for _, vendored := range []bool{false, true} {
		top := tempDir(t)
		unpack(t, filepath.Join(top, "ws"), workspaceFiles)
		mod := &rewrite.Module{Path: "example.com/m", Dir: filepath.Join(top, "ws", "m"), GoVersion: "1.26"}
		if vendored {
			goCommand(t, filepath.Join(top, "ws"), env, "work", "vendor")
		}
		for _, out := range []string{filepath.Join(top, "out"), filepath.Join(mod.Dir, "out")} {
			copyTo(t, mod, out, env...)
			goCommand(t, out, env, "build", "./...")
			goCommand(t, out, env, "vet", "./...")
		}
		want := strings.NewReplacer("./m //", ". //", "./other", "../ws/other", "./lib", "../ws/lib").Replace(read(t, filepath.Join(top, "ws", "go.work")))
		if got := read(t, filepath.Join(top, "out", "go.work")); got != want {
			t.Errorf("go.work:\n%s", got)
		}
		if _, err := os.Stat(filepath.Join(top, "out", "vendor")); (err == nil) != vendored {
			t.Errorf("vendor: %v", err)
		}
		if got := read(t, filepath.Join(top, "out", "go.work.sum")); !strings.Contains(got, "example.com/x") {
			t.Errorf("go.work.sum: %s", got)
		}

		off := append(slices.Clone(env), "GOWORK=off")
		copyTo(t, mod, filepath.Join(top, "off"), off...)
		if _, err := os.Stat(filepath.Join(top, "off", "go.work")); err == nil {
			t.Error("go.work in spite of GOWORK=off")
		}

		named := append(slices.Clone(env), "GOWORK="+filepath.Join(top, "ws", "go.work"))
		notes := copyTo(t, mod, filepath.Join(top, "named"), named...)
		if len(notes) != 1 || !strings.Contains(notes[0], "unset it or set GOWORK=") {
			t.Errorf("notes: %q", notes)
		}
	}
}

// The module's directory is the workspace's.
func TestCopyWorkspaceRoot(t *testing.T) {
	top := tempDir(t)
	unpack(t, filepath.Join(top, "m"), twoFiles+`-- go.work --
go 1.26
use .
use ./sub
use ../other
-- sub/go.mod --
module example.com/sub
-- sub/s.go --
package sub
`)
	unpack(t, filepath.Join(top, "other"), `
-- go.mod --
module example.com/other
-- o.go --
package other
`)
	env := []string{"GOWORK=", "GOFLAGS=-buildvcs=false"}
	mod := &rewrite.Module{Path: "example.com/m", Dir: filepath.Join(top, "m"), GoVersion: "1.26"}
	out := filepath.Join(top, "deep", "out")
	copyTo(t, mod, out, env...)
	if got, want := read(t, filepath.Join(out, "go.work")), "go 1.26\nuse .\nuse ./sub\nuse ../../other\n"; got != want {
		t.Errorf("go.work:\n%s", got)
	}
	goCommand(t, out, env, "build", "./...", "./sub/...", "example.com/other")
}

// The copy lies in a workspace of others.
func TestCopyIntoWorkspace(t *testing.T) {
	env := []string{"GOWORK=", "GOFLAGS=-buildvcs=false"}
	mod := testModule(t, twoFiles)
	top := tempDir(t)
	write(t, filepath.Join(top, "go.work"), "go 1.26\n")
	out := filepath.Join(top, "out")
	copyTo(t, mod, out, env...)
	goCommand(t, out, env, "build", "./...")

	write(t, filepath.Join(mod.Dir, "vendor", "modules.txt"), "")
	if notes := copyTo(t, mod, out, env...); len(notes) != 1 || !strings.Contains(notes[0], "GOWORK=off") {
		t.Errorf("notes: %q", notes)
	}
}
