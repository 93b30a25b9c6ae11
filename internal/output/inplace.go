package output

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/dedefer/dedefer/rewrite"
)

// An edit is one file to replace, create or remove.
type edit struct {
	name    string      // as the user knows it
	target  string      // the file itself, with symbolic links resolved
	info    fs.FileInfo // of target; nil where it is to be created
	data    []byte      // nil where it is to be removed
	turn    int
	runtime bool   // it belongs to the bundled runtime
	temp    string // the new version, once it is staged
}

// The turns of edits: a program that is built in between finds what it imports.
const (
	create = iota // or bring the bundled runtime up to date
	change
	remove
)

// InPlace writes files over the module they come from, or removes them. A
// directory of the bundled runtime goes with its last file.
//
// A symbolic link stays, the file it leads to is replaced. A file that is
// write-protected, or that has changed since it was read, is an error, and then
// nothing is written at all. ctx is looked at until the first file is replaced:
// the rest takes no time worth interrupting.
func InPlace(ctx context.Context, files []rewrite.File) (err error) {
	edits, err := plan(files)
	if err != nil {
		return err
	}
	var undo []func()
	defer func() {
		for _, e := range edits {
			if e.temp != "" {
				os.Remove(e.temp)
			}
		}
		if err != nil {
			for _, f := range slices.Backward(undo) {
				f()
			}
		}
	}()
	for _, e := range edits {
		if e.info == nil {
			u, err := makeDirs(filepath.Dir(e.target))
			if err != nil {
				return writeError(e.name, err)
			}
			undo = append(undo, u)
		}
	}
	var g errgroup.Group
	g.SetLimit(parallel)
	for _, e := range edits {
		if e.data == nil {
			continue
		}
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			temp, err := stage(filepath.Dir(e.target), e.data, e.info)
			if err != nil {
				return writeError(e.name, err)
			}
			e.temp = temp
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return replace(edits)
}

// plan looks at every file before any is written, and puts those first that
// others import.
func plan(files []rewrite.File) ([]*edit, error) {
	var edits []*edit
	byTarget := make(map[string]*edit)
	for _, f := range files {
		e := &edit{name: f.Name, target: f.Name, data: f.New, turn: change, runtime: isRuntime(f)}
		switch {
		case f.New == nil:
			e.turn = remove
		case f.Old == nil || e.runtime:
			e.turn = create
		}
		var err error
		if f.Old == nil {
			err = e.checkNew()
		} else {
			err = e.checkOld(f.Old)
		}
		if err != nil {
			return nil, err
		}
		if other := byTarget[e.target]; other == nil {
			byTarget[e.target] = e
			edits = append(edits, e)
		} else if !bytes.Equal(other.data, e.data) {
			return nil, fmt.Errorf("%s and %s are the same file, but would be rewritten differently: replace the symbolic link by a copy", other.name, e.name)
		}
	}
	slices.SortStableFunc(edits, func(a, b *edit) int { return cmp.Compare(a.turn, b.turn) })
	return edits, nil
}

// isRuntime reports whether f belongs to the bundled runtime, which may be an
// older one that is brought up to date.
func isRuntime(f rewrite.File) bool {
	if f.Module == nil {
		return false
	}
	dir, err := filepath.Rel(f.Module.Dir, filepath.Dir(f.Name))
	return err == nil && strings.TrimRight(filepath.ToSlash(dir), "0123456789") == "internal/dedefer"
}

func (e *edit) checkNew() error {
	_, err := os.Lstat(e.target)
	if err == nil {
		return fmt.Errorf("%s: a file of this name exists, and dedefer did not write it: move it away", e.name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return writeError(e.name, err)
	}
	return nil
}

func (e *edit) checkOld(old []byte) error {
	var err error
	if e.target, err = filepath.EvalSymlinks(e.name); err != nil {
		return writeError(e.name, err)
	}
	if e.info, err = os.Stat(e.target); err != nil {
		return writeError(e.name, err)
	}
	// A rename would go through regardless of the file's own permissions.
	if e.info.Mode().Perm()&0o222 == 0 {
		return writeError(e.name, errors.New("file is read-only: make it writable (chmod u+w)"))
	}
	f, err := os.OpenFile(e.target, os.O_RDWR, 0)
	if err != nil {
		return writeError(e.name, err)
	}
	f.Close()
	now, err := os.ReadFile(e.target)
	if err != nil {
		return writeError(e.name, err)
	}
	if !bytes.Equal(now, old) {
		return writeError(e.name, errors.New("file has changed since it was read; run dedefer again"))
	}
	return nil
}

// replace renames the staged files into place.
func replace(edits []*edit) error {
	dirs := make(map[string]bool)
	for i, e := range edits {
		if i > 0 && edits[i-1].turn != e.turn {
			for d := range dirs {
				syncDir(d)
			}
		}
		if err := e.apply(); err != nil {
			return fmt.Errorf("%w (%d of %d files are written, the others are as they were)", writeError(e.name, err), i, len(edits))
		}
		dirs[filepath.Dir(e.target)] = true
	}
	for d := range dirs {
		syncDir(d)
	}
	return nil
}

func (e *edit) apply() error {
	if e.data != nil {
		err := os.Rename(e.temp, e.target)
		if err == nil {
			e.temp = ""
		}
		return err
	}
	if err := os.Remove(e.name); err != nil {
		return err
	}
	if e.runtime {
		dir := filepath.Dir(e.name)
		if os.Remove(dir) == nil { // where it is empty
			os.Remove(filepath.Dir(dir))
		}
	}
	return nil
}
