package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// parallel is how many files are written at a time. Most of the time goes into
// waiting for the disk, so it does not depend on the number of processors.
const parallel = 16

// stage writes data to a new file in dir, syncs it, and returns its name. It
// takes mode and owner from like where that is not nil.
func stage(dir string, data []byte, like fs.FileInfo) (name string, err error) {
	f, err := os.CreateTemp(dir, ".dedefer-*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			f.Close() // harmless when closed already
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(data); err != nil {
		return "", err
	}
	mode := fs.FileMode(0o644)
	if like != nil {
		keepOwner(f, like)
		mode = like.Mode().Perm()
	}
	if err := f.Chmod(mode); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// makeDirs is os.MkdirAll, and returns how to remove what it made, as far as
// that is still empty.
func makeDirs(dir string) (undo func(), err error) {
	var made []string // deepest first
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, d)
	}
	undo = func() {
		for _, d := range made {
			os.Remove(d)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		undo()
		return nil, err
	}
	return undo, nil
}

// syncDir makes renames in dir durable. Not every file system can, and the
// files are whole without it, so errors do not count.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

// cause strips err of the path it names: that of a temporary file means nothing
// to the user.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func writeError(name string, err error) error {
	return fmt.Errorf("writing %s: %w", name, cause(err))
}

// WriteFile writes data to a file: whatever happens, it is either old or new.
func WriteFile(name string, data []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		info = nil
	}
	temp, err := stage(filepath.Dir(name), data, info)
	if err != nil {
		return writeError(name, err)
	}
	if err := os.Rename(temp, name); err != nil {
		os.Remove(temp)
		return writeError(name, err)
	}
	syncDir(filepath.Dir(name))
	return nil
}
