package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A dirLock is a file that keeps other copiers out of a directory.
type dirLock struct{ name string }

// lockDir creates dir if need be and locks it.
func lockDir(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	l := dirLock{filepath.Join(dir, ".copier.lock")}
	f, err := os.OpenFile(l.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s: another copier is at work; if not, remove this file", l.name)
	}
	if err != nil {
		return nil, err
	}
	return l.unlock, f.Close()
}

func (l dirLock) unlock() error { return os.Remove(l.name) }

// readVars reads lines NAME=VALUE; there may be no such file.
func readVars(name string) (vars map[string]string, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	vars = make(map[string]string)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok {
			vars[name] = value
		}
	}
	return vars, lines.Err()
}

// replaceFile gives the file dst the content of in. The file is either the
// old or the new one at all times; it stays the old one if the content is the
// same.
func replaceFile(dst string, in io.Reader, mode fs.FileMode) (size int64, changed bool, err error) {
	dir := filepath.Dir(dst)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return 0, false, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return 0, false, err
	}
	if info.Mode().Perm()&0o200 == 0 { // a mirrored directory may be read-only
		if err := os.Chmod(dir, info.Mode().Perm()|0o200); err != nil {
			return 0, false, err
		}
		defer func() { err = errors.Join(err, os.Chmod(dir, info.Mode().Perm())) }()
	}

	tmp, err := os.CreateTemp(dir, ".copier-*")
	if err != nil {
		return 0, false, err
	}
	renamed := false
	defer func() {
		if !renamed {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	size, sum, err := fill(tmp, in, mode)
	if err != nil {
		return 0, false, err
	}
	if old, err := sumOf(dst); err == nil && bytes.Equal(old, sum) {
		return size, false, nil
	}
	if err := os.Rename(tmp.Name(), dst); err != nil {
		return 0, false, err
	}
	renamed = true
	return size, true, nil
}

// fill writes in to f and closes it.
func fill(f *os.File, in io.Reader, mode fs.FileMode) (size int64, sum []byte, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Chmod(mode); err != nil {
		return 0, nil, err
	}
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, hash), in)
	return size, hash.Sum(nil), err
}

func sumOf(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return nil, err
	}
	return hash.Sum(nil), nil
}
