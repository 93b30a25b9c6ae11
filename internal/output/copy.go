package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/dedefer/dedefer/rewrite"
)

// A Copy is a complete copy of a module, with some files rewritten.
type Copy struct {
	Dir     string // where it goes
	Force   bool   // even where Dir has files that dedefer did not write
	Module  *rewrite.Module
	Files   []rewrite.File    // what is rewritten or new, all in Module
	Vendor  string            // a vendor directory that the copy gets; "" where it gets that of the module
	Overlay map[string][]byte // texts instead of those of files, by absolute name; nil where the copy has no such file
	Version string            // of dedefer, for the marker
	Env     []string          // for the go command; nil is os.Environ()
	Note    func(line string) // told what a user should know of
}

// Write makes the copy. Where it fails, or ctx ends, Dir is as it was. Its
// error is a *rewrite.UsageError where Dir cannot be the place.
func (c *Copy) Write(ctx context.Context) (err error) {
	if c.Note == nil {
		c.Note = func(string) {}
	}
	st, err := newWorkshop("-o", c.Dir, c.Module.Dir, c.Force)
	if err != nil {
		return err
	}
	defer func() {
		removeTree(st.temp)
		if err != nil {
			st.undo()
		}
	}()

	b := &builder{Copy: c, ctx: ctx, dest: st.dest, source: st.source, temp: st.temp}
	if err := b.build(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := st.dest.put(st.temp); err != nil {
		return fmt.Errorf("the copy is complete, but cannot take the place of %s: %w: is it in use, or a mount point? If so, name a directory inside it", c.Dir, cause(err))
	}
	syncDir(filepath.Dir(st.dest.real))
	return nil
}

// A workshop is a directory beside the place of a tree, in which the tree is made.
type workshop struct {
	dest   *destination
	source string // what the tree is made of, without symbolic links
	temp   string
	undo   func() // removes the directories that were made above it
}

// newWorkshop makes a workshop for the tree of source that goes to dir, the value of
// this flag.
func newWorkshop(flag, dir, source string, force bool) (*workshop, error) {
	dest, err := inspect(flag, dir, force)
	if err != nil {
		return nil, err
	}
	if source, err = filepath.EvalSymlinks(source); err != nil {
		return nil, err
	}
	if err := dest.checkModule(source); err != nil {
		return nil, err
	}
	undo, err := makeDirs(filepath.Dir(dest.real))
	if err != nil {
		return nil, writeError(dir, err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dest.real), ".dedefer-*")
	if err != nil {
		undo()
		return nil, fmt.Errorf("the copy is made beside %s first, and that fails: %w: name a directory inside one that you may write to", dir, cause(err))
	}
	return &workshop{dest, source, temp, undo}, nil
}

// A builder makes one copy in a temporary directory.
type builder struct {
	*Copy
	ctx    context.Context
	dest   *destination
	source string // Module.Dir without symbolic links
	temp   string

	changed map[string][]byte // what differs from the source, by name relative to it
	gone    map[string]bool   // what the copy does not have, as the overlay says
	vendor  string            // the workspace's vendor directory, to be copied too
	written map[string]bool   // what there is in temp, as in a manifest
	kept    map[string]bool   // directories in temp that are not ours
	dirs    []dirMode         // whose permissions are still to be set
	group   *errgroup.Group
}

type dirMode struct {
	name string
	mode fs.FileMode
}

func (b *builder) build() error {
	b.changed = make(map[string][]byte)
	b.gone = make(map[string]bool)
	b.vendor = b.Vendor
	b.overlay()
	b.outerModFile()
	b.written = make(map[string]bool)
	b.kept = make(map[string]bool)
	for _, f := range b.Files {
		rel, err := filepath.Rel(b.Module.Dir, f.Name)
		if err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("%s is not in module %s", f.Name, b.Module.Path)
		}
		b.changed[rel] = f.New
	}
	// From now on a copy that includes this directory by accident, after a
	// kill, knows to leave it out.
	if err := b.writeMarker(nil); err != nil {
		return err
	}
	if err := b.workspace(); err != nil {
		return err
	}
	if err := b.copyAll(); err != nil {
		return err
	}
	if err := b.newFiles(); err != nil {
		return err
	}
	if err := b.writeMarker(slices.Sorted(maps.Keys(b.written))); err != nil {
		return err
	}
	if b.dest.info != nil {
		if err := b.keepForeign("."); err != nil {
			return err
		}
	}
	return b.finishDirs()
}

// overlay plans what the overlay says of files of the module.
func (b *builder) overlay() {
	for name, text := range b.Overlay {
		rel, err := filepath.Rel(b.Module.Dir, name)
		switch {
		case err != nil || !filepath.IsLocal(rel):
		case text == nil:
			b.gone[rel] = true
		case b.namesDirs(rel) && b.relocate(text, rel) != nil:
			b.changed[rel] = b.relocate(text, rel)
		default:
			b.changed[rel] = text
		}
	}
}

// copyAll copies the source tree. When it returns, nothing writes any more.
func (b *builder) copyAll() error {
	parent := b.ctx
	b.group, b.ctx = errgroup.WithContext(parent)
	b.group.SetLimit(parallel)
	defer func() { b.ctx = parent }()
	err := b.tree(b.source, ".")
	if err == nil && b.vendor != "" {
		err = b.tree(b.vendor, "vendor")
	}
	// A failed copy stops the walk: then its error is the one that tells.
	if werr := b.group.Wait(); werr != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = werr
	}
	return err
}

func (b *builder) writeMarker(paths []string) error {
	text := markerText(b.Version, paths)
	if err := writeFile(filepath.Join(b.temp, markerName), text, 0o644); err != nil {
		return writeError(filepath.Join(b.Dir, markerName), err)
	}
	return nil
}

// newFiles writes what has no counterpart in the source tree: the bundled
// runtime, a go.work, and files below a directory that is a symbolic link.
func (b *builder) newFiles() error {
	root, err := os.OpenRoot(b.temp)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, rel := range slices.Sorted(maps.Keys(b.changed)) {
		if b.written[filepath.ToSlash(rel)] {
			continue
		}
		mode := fs.FileMode(0o644)
		if info, err := os.Stat(filepath.Join(b.source, rel)); err == nil {
			mode = info.Mode().Perm()
		}
		if err := b.newFile(root, rel, b.changed[rel], mode); err != nil {
			return writeError(filepath.Join(b.Dir, rel), err)
		}
	}
	return nil
}

func (b *builder) newFile(root *os.Root, rel string, data []byte, mode fs.FileMode) error {
	if err := root.MkdirAll(filepath.Dir(rel), 0o755); err != nil {
		return err
	}
	for d := filepath.Dir(rel); d != "."; d = filepath.Dir(d) {
		b.written[filepath.ToSlash(d)+"/"] = true
	}
	if err := root.Remove(rel); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(rel, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	b.written[filepath.ToSlash(rel)] = true
	return finish(f, data, mode)
}

// finishDirs sets the permissions of directories, last because they may forbid
// writing, and syncs them.
func (b *builder) finishDirs() error {
	for _, d := range slices.Backward(b.dirs) {
		syncDir(d.name)
		if err := os.Chmod(d.name, d.mode); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file for good: with these permissions whatever the umask
// says, and synced.
func writeFile(name string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	return finish(f, data, mode)
}

func finish(f *os.File, data []byte, mode fs.FileMode) error {
	_, err := f.Write(data)
	return errors.Join(err, seal(f, mode))
}

// seal sets the permissions of f, whatever the umask made of them, syncs it and
// closes it.
func seal(f *os.File, mode fs.FileMode) error {
	err := f.Chmod(mode)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
