package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mirrorTo(t *testing.T, src, dst string) (output string, err error) {
	t.Helper()
	var b bytes.Buffer
	err = run(&b, src, dst, "", 3)
	return b.String(), err
}

// files lists the files below dir, hidden ones too.
func files(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var name string
			name, err = filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestMirror(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "new", "dst")
	out, err := mirrorTo(t, "input", dst)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out, "6 files, 389 bytes\n") {
		t.Errorf("report:\n%s", out)
	}
	if got, want := files(t, dst), "bin/hello.sh docs/chapters.txt docs/license.txt empty letter.txt vars"; got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
	letter, err := os.ReadFile(filepath.Join(dst, "letter.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(letter), "Dear Ada,\n") {
		t.Errorf("letter:\n%s", letter)
	}
}

func TestMirrorAgain(t *testing.T) {
	dst := t.TempDir()
	if _, err := mirrorTo(t, "input", dst); err != nil {
		t.Fatal(err)
	}
	out, err := mirrorTo(t, "input", dst)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, " unchanged, "); n != 6 {
		t.Errorf("%d files unchanged:\n%s", n, out)
	}
}

// The broken files must not keep the good one from being mirrored.
func TestBrokenTemplatesPanic(t *testing.T) {
	dst := t.TempDir()
	out, err := mirrorTo(t, "broken", dst)
	want := `list.txt: panic: runtime error: index out of range [6] with length 3
nested.txt: line 1: nested too deeply
open.txt: line 2: ${places is not closed`
	if err == nil || err.Error() != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
	if !strings.HasSuffix(out, "2 files, 58 bytes\n") {
		t.Errorf("report:\n%s", out)
	}
	if got, want := files(t, dst), "good.txt vars"; got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
}

func TestLockedDestination(t *testing.T) {
	dst := t.TempDir()
	unlock, err := lockDir(dst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mirrorTo(t, "input", dst); err == nil || !strings.Contains(err.Error(), "another copier") {
		t.Errorf("error %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if _, err := mirrorTo(t, "input", dst); err != nil {
		t.Error(err)
	}
}

func TestReadOnlyDirectoryStaysSo(t *testing.T) {
	dst := t.TempDir()
	docs := filepath.Join(dst, "docs")
	if err := os.Mkdir(docs, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(docs, 0o777) // or it cannot be removed
	if _, err := mirrorTo(t, "input", dst); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(docs)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o555 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestLog(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	var b bytes.Buffer
	if err := run(&b, "input", filepath.Join(dir, "dst"), log, 2); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(log); err != nil || string(data) != b.String() {
		t.Errorf("log %q, %v", data, err)
	}
}
