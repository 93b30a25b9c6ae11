package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tree copies the directory from, which exists, to rel below the root of the
// copy.
func (b *builder) tree(from, rel string) error {
	info, err := os.Stat(from)
	if err != nil {
		return readError(from, err)
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return readError(from, err)
	}
	mode := info.Mode().Perm()
	if rel == "." && b.dest.info != nil {
		mode = b.dest.info.Mode().Perm() // the user may have closed it to others
	}
	if err := b.makeDir(rel, mode); err != nil {
		return writeError(filepath.Join(b.Dir, rel), err)
	}
	for _, e := range entries {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		from, rel := filepath.Join(from, e.Name()), filepath.Join(rel, e.Name())
		if b.leftOut(rel, from, e.IsDir()) {
			continue
		}
		switch {
		case e.IsDir():
			err = b.tree(from, rel)
		case e.Type()&fs.ModeSymlink != 0:
			err = b.link(from, rel)
		case e.Type().IsRegular():
			err = b.file(from, rel)
		default:
			b.Note(fmt.Sprintf("%s: left out of the copy: not a regular file", from))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) makeDir(rel string, mode fs.FileMode) error {
	name := filepath.Join(b.temp, rel)
	b.dirs = append(b.dirs, dirMode{name, mode})
	if rel == "." {
		return nil // it is the temporary directory
	}
	b.written[filepath.ToSlash(rel)+"/"] = true
	return os.Mkdir(name, 0o700)
}

// leftOut reports whether the copy does not have the file of this name.
func (b *builder) leftOut(rel, name string, isDir bool) bool {
	switch filepath.Base(rel) {
	case ".git", ".hg", ".svn", ".bzr": // in a submodule, .git is a file
		return !below(rel, "testdata")
	case markerName:
		return rel == markerName
	}
	if !isDir {
		return b.gone[rel]
	}
	if hasMarker(name) {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && b.dest.info != nil && os.SameFile(info, b.dest.info)
}

// below reports whether a directory that rel lies in has this name.
func below(rel, name string) bool {
	dir := "/" + filepath.ToSlash(filepath.Dir(rel)) + "/"
	return strings.Contains(dir, "/"+name+"/")
}

// copied reports whether name, an absolute name without symbolic links, is of
// a file that the copy has too, and what it is there.
func (b *builder) copied(name string) (rel string, ok bool) {
	rel, err := filepath.Rel(b.source, name)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	for part := rel; part != "."; part = filepath.Dir(part) {
		name := filepath.Join(b.source, part)
		info, err := os.Stat(name)
		if b.leftOut(part, name, err == nil && info.IsDir()) {
			return "", false
		}
	}
	return rel, true
}

// file copies a regular file, or writes what there is instead of it.
func (b *builder) file(from, rel string) error {
	b.written[filepath.ToSlash(rel)] = true
	data, ok := b.changed[rel]
	if !ok {
		var err error
		if data, err = b.relocated(from, rel); err != nil {
			return err
		}
	}
	b.group.Go(func() error {
		info, err := os.Stat(from)
		if err != nil {
			return readError(from, err)
		}
		mode := info.Mode().Perm()
		if ok || data != nil {
			err = writeFile(filepath.Join(b.temp, rel), data, mode)
		} else {
			err = b.copyFile(from, rel, mode)
		}
		var reading *sourceError
		if err == nil || errors.As(err, &reading) || b.ctx.Err() != nil {
			return err
		}
		return writeError(filepath.Join(b.Dir, rel), err)
	})
	return nil
}

// A sourceError is about the source tree rather than the copy.
type sourceError struct{ error }

func readError(name string, err error) error {
	return &sourceError{fmt.Errorf("reading %s: %w", name, cause(err))}
}

// chunk is how much is copied before a look at whether to go on.
const chunk = 64 << 20

func (b *builder) copyFile(from, rel string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return readError(from, err)
	}
	defer in.Close()
	out, err := os.OpenFile(filepath.Join(b.temp, rel), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	for err == nil {
		if err = b.ctx.Err(); err == nil {
			_, err = io.CopyN(out, in, chunk) // inside the kernel where possible
		}
	}
	if err != io.EOF {
		out.Close()
		var path *fs.PathError
		if errors.As(err, &path) && path.Path == from {
			return readError(from, err)
		}
		return err
	}
	return seal(out, mode)
}

// link copies a symbolic link, or what it leads to. It never walks into a
// directory, so that circles do no harm.
func (b *builder) link(from, rel string) error {
	if _, ok := b.changed[rel]; ok {
		return b.file(from, rel) // a Go file: the link cannot have two contents
	}
	text, err := os.Readlink(from)
	if err != nil {
		return readError(from, err)
	}
	target, err := filepath.EvalSymlinks(from)
	if err == nil {
		text, err = b.linkText(rel, text, target)
		if err != nil {
			return err
		}
	}
	if text == "" {
		return b.file(target, rel)
	}
	b.written[filepath.ToSlash(rel)] = true
	if err := os.Symlink(text, filepath.Join(b.temp, rel)); err != nil {
		return writeError(filepath.Join(b.Dir, rel), err)
	}
	return nil
}

// linkText returns what a link says in the copy; "" means that target is
// copied in its place.
func (b *builder) linkText(rel, text, target string) (string, error) {
	in, inside := b.copied(target)
	if inside {
		if !filepath.IsAbs(text) && filepath.IsLocal(filepath.Join(filepath.Dir(rel), text)) {
			return text, nil
		}
		// It leaves the module and comes back by its name.
		return filepath.Rel(filepath.Dir(rel), in)
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return "", readError(target, err)
	case info.Mode().IsRegular():
		return "", nil
	case info.IsDir():
		b.Note(fmt.Sprintf("%s: a symbolic link that leaves the module: in the copy it leads to %s itself", filepath.Join(b.Module.Dir, rel), target))
	}
	return target, nil
}
