package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dedefer/dedefer/rewrite"
)

// A destination is the directory that a copy goes to.
type destination struct {
	name string      // absolute, as the user wrote it
	real string      // absolute, without symbolic links
	info fs.FileInfo // nil where it does not exist yet
	old  manifest    // what an earlier copy there consists of
}

// CheckDir reports whether a copy may go to dir, the value of this flag, as far as
// that can be known without the module. Its error is a *rewrite.UsageError where it
// may not.
func CheckDir(flag, dir string, force bool) error {
	_, err := inspect(flag, dir, force)
	return err
}

func inspect(flag, dir string, force bool) (*destination, error) {
	name, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	d := &destination{name: name}
	if d.real, err = resolve(name); err != nil {
		return nil, writeError(dir, err)
	}
	d.info, err = os.Stat(d.real)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, writeError(dir, err)
	}
	if !d.info.IsDir() {
		return nil, &rewrite.UsageError{Msg: fmt.Sprintf("%s %s: not a directory", flag, dir)}
	}
	entries, err := os.ReadDir(d.real)
	if err != nil {
		return nil, writeError(dir, err)
	}
	var ours bool
	d.old, ours = readMarker(d.real)
	if len(entries) > 0 && !ours && !force {
		what := "name another, or use -f to put the copy among what is there"
		if flag != "-o" {
			what = "name another"
		}
		return nil, &rewrite.UsageError{Msg: fmt.Sprintf("%s %s: the directory is not empty, and dedefer did not write it: %s", flag, dir, what)}
	}
	return d, nil
}

// resolve is filepath.EvalSymlinks for a name whose last elements may not
// exist yet.
func resolve(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if _, err := os.Lstat(name); err == nil {
		return "", errors.New("symbolic link leads nowhere")
	}
	parent := filepath.Dir(name)
	if parent == name {
		return "", err
	}
	if parent, err = resolve(parent); err != nil {
		return "", err
	}
	return filepath.Join(parent, filepath.Base(name)), nil
}

// checkModule refuses a destination that is the module's directory, or one
// that it lies in.
func (d *destination) checkModule(dir string) error {
	if d.info == nil {
		return nil
	}
	for p := dir; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if os.SameFile(info, d.info) {
			what := "contains the module"
			if p == dir {
				what = "is the module itself"
			}
			return &rewrite.UsageError{Msg: fmt.Sprintf("-o %s: this directory %s: name another, or use -w to rewrite in place", d.name, what)}
		}
		if p == filepath.Dir(p) {
			return nil
		}
	}
}

// put moves the finished tree in temp to the destination. What was there is in
// temp, or gone, afterwards.
func (d *destination) put(temp string) error {
	if d.info == nil {
		return os.Rename(temp, d.real)
	}
	if exchange(temp, d.real) == nil {
		return nil
	}
	// Not here. Then there is a moment without either.
	aside := temp + ".old"
	if err := os.Rename(d.real, aside); err != nil {
		return err
	}
	if err := os.Rename(temp, d.real); err != nil {
		return errors.Join(err, os.Rename(aside, d.real))
	}
	return os.Rename(aside, temp)
}

// removeTree is os.RemoveAll, for directories without write permission too.
func removeTree(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}
