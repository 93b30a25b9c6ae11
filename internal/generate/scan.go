package generate

import (
	"bytes"
	"context"
	"go/build"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/rewrite"
)

// A tree is what there is of earlier runs in the main modules.
type tree struct {
	siblings map[string]string   // name to that of the file it comes from
	users    map[string][]byte   // files that may import the bundled runtime
	overlay  map[string][]byte   // with this, all is as if there had been no run
	dirs     map[string][]string // the Go files of each directory
}

// scan looks at all files of the main modules. b knows the present build.
func scan(ctx context.Context, tag string, b *builds) (*tree, error) {
	t := &tree{
		siblings: map[string]string{},
		users:    map[string][]byte{},
		overlay:  map[string][]byte{},
		dirs:     map[string][]string{},
	}
	for _, dir := range mainModules(ctx, b.setup) {
		top := dir + string(filepath.Separator) // also where it is a symbolic link
		err := filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				return nil // the go command complains if it matters
			case e.IsDir() && path != top && !mayHold(path, e.Name()):
				return filepath.SkipDir
			case e.IsDir():
				t.addDir(path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	t.unmarked(tag)
	t.cover(b.ctxt)
	return t, nil
}

// mainModules returns the directories of the main modules; none where the go
// command finds none, as it will say soon.
func mainModules(ctx context.Context, setup *rewrite.Setup) (dirs []string) {
	out, err := setup.Go(ctx, append(append([]string{"list", "-m"}, setup.Flags...), "-f", "{{.Dir}}")...)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(out) {
		if dir := strings.TrimSpace(line); dir != "" {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// mayHold reports whether a directory may hold packages of the module.
func mayHold(path, name string) bool {
	if name == "vendor" || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
		return false
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err != nil
}

// addDir looks at the files of a directory.
func (t *tree) addDir(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the go command complains if it matters
	}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, ".") {
			t.add(filepath.Join(dir, name))
		}
	}
}

// add looks at a file.
func (t *tree) add(name string) {
	src, err := os.ReadFile(name)
	if err != nil {
		return
	}
	dir := filepath.Dir(name)
	t.dirs[dir] = append(t.dirs[dir], name)
	if bytes.Contains(src, []byte(`/internal/dedefer`)) {
		t.users[name] = src
	}
	if from, ok := sibling.From(src); ok {
		t.siblings[name] = filepath.Join(dir, from)
		t.overlay[name] = sibling.Hidden(src)
		return
	}
	if !bytes.Contains(src, []byte("//dedefer:")) {
		return
	}
	if s, err := sibling.ParseSource(filepath.Base(name), src, ""); err == nil && s.Ours {
		t.overlay[name] = s.Overlay()
	}
}

// unmarked finds files whose mark is lost, but not their sibling.
func (t *tree) unmarked(tag string) {
	for _, name := range t.siblings {
		if t.overlay[name] != nil {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if s, err := sibling.ParseSource(filepath.Base(name), src, tag); err == nil && s.Ours {
			t.overlay[name] = s.Overlay()
		}
	}
}

// cover adds a file to each directory of which the present build has none, so
// that patterns match it, too.
func (t *tree) cover(ctxt build.Context) {
	ctxt.OpenFile = func(name string) (io.ReadCloser, error) {
		if src, ok := t.overlay[name]; ok {
			return io.NopCloser(bytes.NewReader(src)), nil
		}
		return os.Open(name)
	}
	for dir, names := range t.dirs {
		if slices.ContainsFunc(names, func(name string) bool {
			ok, err := ctxt.MatchFile(dir, filepath.Base(name))
			return ok || err != nil
		}) {
			continue
		}
		t.overlay[filepath.Join(dir, "dedefer_any.go")] = []byte("package p\n")
	}
}

// sources is the overlay without what only patterns need.
func (t *tree) sources() map[string][]byte {
	overlay := maps.Clone(t.overlay)
	maps.DeleteFunc(overlay, func(name string, _ []byte) bool { return filepath.Base(name) == "dedefer_any.go" })
	return overlay
}
