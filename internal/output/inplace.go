package output

import (
	"bytes"
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

// An edit is one file to replace or create.
type edit struct {
	name   string      // as the user knows it
	target string      // the file itself, with symbolic links resolved
	info   fs.FileInfo // of target; nil where it is to be created
	data   []byte
	first  bool   // others import it
	temp   string // the new version, once it is staged
}

// InPlace writes files over the module they come from.
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
		e := &edit{name: f.Name, target: f.Name, data: f.New, first: f.Old == nil || isRuntime(f)}
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
	slices.SortStableFunc(edits, func(a, b *edit) int {
		switch {
		case a.first == b.first:
			return 0
		case a.first:
			return -1
		}
		return 1
	})
	return edits, nil
}

// isRuntime reports whether f belongs to the bundled runtime, which may be an
// older one that is brought up to date.
func isRuntime(f rewrite.File) bool {
	return f.Module != nil && strings.HasPrefix(f.Name, filepath.Join(f.Module.Dir, "internal", "dedefer")+string(filepath.Separator))
}

func (e *edit) checkNew() error {
	_, err := os.Lstat(e.target)
	if err == nil {
		return fmt.Errorf("%s: a file of this name exists, and the bundled runtime needs it: move it away", e.name)
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
		return writeError(e.name, errors.New("file is read-only"))
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
		if i > 0 && edits[i-1].first && !e.first {
			for d := range dirs {
				syncDir(d)
			}
		}
		if err := os.Rename(e.temp, e.target); err != nil {
			return fmt.Errorf("%w (%d of %d files are written, the others are as they were)", writeError(e.name, err), i, len(edits))
		}
		e.temp = ""
		dirs[filepath.Dir(e.target)] = true
	}
	for d := range dirs {
		syncDir(d)
	}
	return nil
}
