// Package tinygotest makes a directory that stands for an installed TinyGo.
package tinygotest

import (
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:embed stub.txtar
var stub []byte

// Install writes a stub of TinyGo to dir, whose GOROOT is links to goroot and
// some packages of TinyGo's. It returns the directory for PATH.
func Install(dir, goroot string) (bin string, err error) {
	if runtime.GOOS == "windows" {
		return "", errors.New("the stub of TinyGo is a script for a POSIX shell")
	}
	for _, f := range txtar.Parse(stub).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		mode := fs.FileMode(0o666)
		data := f.Data
		switch {
		case strings.HasPrefix(f.Name, "bin/"):
			mode = 0o777
		case strings.HasPrefix(f.Name, "targets/"):
			data = []byte(strings.TrimSpace(string(data)))
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(name, data, mode); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "bin"), link(filepath.Join(dir, "goroot"), goroot)
}

// link adds to dst what only src has, as links.
func link(dst, src string) error {
	entries, err := os.ReadDir(src)
	if err != nil {
		return err
	}
	for _, e := range entries {
		to, from := filepath.Join(dst, e.Name()), filepath.Join(src, e.Name())
		info, err := os.Stat(to)
		switch {
		case err != nil:
			err = os.Symlink(from, to)
		case info.IsDir() && e.IsDir():
			err = link(to, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
