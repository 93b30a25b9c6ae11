package output

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/rewrite"
)

// The test binary runs itself for what a test cannot do in its own process: be
// killed, be another user, have no room on the disk. childEnv says which.
const childEnv = "DEDEFER_OUTPUT_CHILD"

var children = make(map[string]func() error)

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		if err := children[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// unpack writes the files of a txtar archive to dir.
func unpack(t *testing.T, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
}

func write(t *testing.T, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// snapshot describes all of dir: names, modes, contents, link texts.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&b, "%s %s", info.Mode(), filepath.ToSlash(rel))
		switch {
		case e.Type().IsRegular():
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %q", data)
		case e.Type()&fs.ModeSymlink != 0:
			text, err := os.Readlink(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " -> %s", text)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tempDir is t.TempDir without symbolic links in its name.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %v, want one with %q", err, text)
	}
}

// lowered is the fake rewriter of these tests: every Go file of mod changes, and
// imports a runtime that is new.
func lowered(mod *rewrite.Module) ([]rewrite.File, error) {
	files := []rewrite.File{{
		Name: filepath.Join(mod.Dir, "internal", "dedefer", "dedefer.go"), Module: mod,
		New: []byte("package dedefer\n"),
	}}
	entries, err := os.ReadDir(mod.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		name := filepath.Join(mod.Dir, e.Name())
		old, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, rewrite.File{Name: name, Module: mod, Old: old, New: newText(old)})
	}
	return files, nil
}

const newMark = "// lowered\n"

func newText(old []byte) []byte {
	return append(bytes.Clone(old), newMark...)
}

func mustLower(t *testing.T, mod *rewrite.Module) []rewrite.File {
	t.Helper()
	files, err := lowered(mod)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
