package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite"
)

// A Goroot is a GOROOT with some files of the standard library rewritten. All
// others are links to those of the one that it is made of, but for what the go
// command looks for in its own place: bin and pkg, which have little.
type Goroot struct {
	Dir     string // where it goes
	Source  string // the GOROOT that it is made of
	Files   []rewrite.File
	Version string // of dedefer, for the marker
}

// Write makes it. Where that fails, or ctx ends, Dir is as it was. Its error is
// a *rewrite.UsageError where Dir cannot be the place.
func (g *Goroot) Write(ctx context.Context) error {
	st, err := newWorkshop("-goroot", g.Dir, g.Source, false)
	if err != nil {
		return err
	}
	defer removeTree(st.temp)
	l := &linker{ctx: ctx, source: st.source, temp: st.temp, changed: map[string][]byte{}}
	for _, f := range g.Files {
		rel, err := filepath.Rel(g.Source, f.Name)
		if err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("%s is not in %s", f.Name, g.Source)
		}
		l.changed[rel] = f.New
	}
	if err = l.all(); err == nil {
		err = writeFile(filepath.Join(st.temp, markerName), markerText(g.Version, []string{"src/"}), 0o644)
	}
	if err == nil {
		err = os.Chmod(st.temp, 0o755)
	}
	if err != nil {
		st.undo()
		return fmt.Errorf("writing %s: %w", g.Dir, err)
	}
	return st.dest.put(st.temp)
}

// A linker makes a tree of links.
type linker struct {
	ctx     context.Context
	source  string
	temp    string
	changed map[string][]byte // by name relative to source
}

func (l *linker) all() error {
	if err := l.tree("."); err != nil {
		return err
	}
	for rel, text := range l.changed { // those that have no counterpart
		name := filepath.Join(l.temp, rel)
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			if err := os.WriteFile(name, text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// tree makes the directory rel. Only the go command follows links to files, but
// to directories it does not where a pattern matches packages; so directories are
// made, where there are packages below them.
func (l *linker) tree(rel string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if rel != "." {
		if err := os.Mkdir(filepath.Join(l.temp, rel), 0o755); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(filepath.Join(l.source, rel))
	if err != nil {
		return err
	}
	for _, e := range entries {
		isDir := e.IsDir()
		if e.Type() == fs.ModeSymlink { // TinyGo's GOROOT is made of links
			info, err := os.Stat(filepath.Join(l.source, rel, e.Name()))
			isDir = err == nil && info.IsDir()
		}
		if err := l.entry(filepath.Join(rel, e.Name()), isDir); err != nil {
			return err
		}
	}
	return nil
}

func (l *linker) entry(rel string, isDir bool) error {
	top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
	text, changed := l.changed[rel]
	switch {
	case changed:
		return os.WriteFile(filepath.Join(l.temp, rel), text, 0o644)
	case rel == markerName:
		return nil
	case isDir && (top == "src" || top == "bin" || top == "pkg") && filepath.Base(rel) != "testdata":
		return l.tree(rel)
	case !isDir && (top == "bin" || top == "pkg" || top == "src" && !isSource(rel)):
		return l.copy(rel)
	}
	return os.Symlink(filepath.Join(l.source, rel), filepath.Join(l.temp, rel))
}

// isSource reports whether a file is of a kind that is compiled. Others may be
// embedded, which the go command does not do with links.
func isSource(rel string) bool {
	return slices.Contains([]string{".go", ".s", ".h", ".c", ".syso"}, filepath.Ext(rel))
}

// copy copies a file, or makes a link that nobody can tell from it.
func (l *linker) copy(rel string) error {
	from, to := filepath.Join(l.source, rel), filepath.Join(l.temp, rel)
	real, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	if os.Link(real, to) == nil {
		return nil
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(real)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
