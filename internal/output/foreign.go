package output

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keepForeign takes over what the destination has in the directory rel that no
// earlier copy put there, such as a .git or a program that was built in it. It
// makes hard links, so that the destination stays whole until it is replaced.
func (b *builder) keepForeign(rel string) error {
	entries, err := os.ReadDir(filepath.Join(b.dest.real, rel))
	if err != nil {
		return readError(filepath.Join(b.dest.name, rel), err)
	}
	for _, e := range entries {
		if err := b.keepEntry(filepath.Join(rel, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) keepEntry(rel string, e fs.DirEntry) error {
	slash := filepath.ToSlash(rel)
	file, dir := b.written[slash], b.written[slash+"/"] // what the new copy has
	old := b.dest.old
	switch {
	case e.IsDir() && !old[slash+"/"] && !dir && !file:
		if err := b.keepDir(rel); err != nil { // even if it is empty
			return err
		}
		return b.keepForeign(rel)
	case e.IsDir() && (old[slash+"/"] || dir):
		return b.keepForeign(rel)
	case old[slash], file && !e.IsDir(), rel == markerName:
		return nil // replaced, or gone from the source
	case file, dir:
		return fmt.Errorf("%s is in the way of the copy: move it", filepath.Join(b.dest.name, rel))
	}
	if err := b.keepDir(filepath.Dir(rel)); err != nil {
		return err
	}
	from, to := filepath.Join(b.dest.real, rel), filepath.Join(b.temp, rel)
	if err := keepFile(from, to, e); err != nil {
		return fmt.Errorf("keeping %s: %w", filepath.Join(b.dest.name, rel), cause(err))
	}
	return nil
}

// keepDir makes sure that there is a directory rel.
func (b *builder) keepDir(rel string) error {
	slash := filepath.ToSlash(rel)
	if rel == "." || b.written[slash+"/"] || b.kept[slash] {
		return nil
	}
	if b.written[slash] {
		return fmt.Errorf("%s is in the way of the copy: move it", filepath.Join(b.dest.name, rel))
	}
	if err := b.keepDir(filepath.Dir(rel)); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(b.dest.real, rel))
	if err != nil {
		return readError(filepath.Join(b.dest.name, rel), err)
	}
	b.kept[slash] = true
	name := filepath.Join(b.temp, rel)
	b.dirs = append(b.dirs, dirMode{name, info.Mode().Perm()})
	return os.Mkdir(name, 0o700)
}

func keepFile(from, to string, e fs.DirEntry) error {
	if e.Type()&fs.ModeSymlink != 0 {
		text, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(text, to)
	}
	if os.Link(from, to) == nil || !e.Type().IsRegular() {
		return nil // a socket or the like is no loss
	}
	info, err := e.Info()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, data, info.Mode().Perm())
}
