package output

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/dedefer/dedefer/rewrite"
)

// relocated returns the content that the file rel of the copy gets in place of
// from's, because it names directories relative to its own; nil where from's
// will do.
func (b *builder) relocated(from, rel string) ([]byte, error) {
	if !b.namesDirs(rel) {
		return nil, nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return nil, readError(from, err)
	}
	return b.relocate(data, rel), nil
}

func isModulesTxt(rel string) bool {
	return filepath.Base(rel) == "modules.txt" && filepath.Base(filepath.Dir(rel)) == "vendor"
}

// isModFile reports whether rel is what -modfile names.
func (b *builder) isModFile(rel string) bool {
	name, err := filepath.Rel(b.Module.Dir, b.Module.GoMod)
	return err == nil && name == rel
}

// namesDirs reports whether the go command reads the file rel of the copy, which
// may name directories.
func (b *builder) namesDirs(rel string) bool {
	name := filepath.Base(rel)
	switch {
	case below(rel, "testdata"):
		return false
	case isModulesTxt(rel), b.isModFile(rel):
		return true
	}
	return (name == "go.mod" || name == "go.work") && !below(rel, "vendor")
}

// relocate is relocated for a file that holds data.
func (b *builder) relocate(data []byte, rel string) []byte {
	dir := filepath.Dir(rel)
	switch {
	case isModulesTxt(rel):
		dir = filepath.Dir(dir)
	case b.isModFile(rel):
		dir = "."
	}
	// The go command resolves these names from where it sees the module, which
	// may be through a symbolic link.
	r := &relocation{b: b, from: filepath.Join(b.Module.Dir, dir), to: dir}
	switch {
	case isModulesTxt(rel):
		return r.modulesTxt(data)
	case filepath.Base(rel) == "go.work":
		return r.goWork(data)
	}
	return r.goMod(data)
}

// outerModFile tells of a -modfile that is not in the copy.
func (b *builder) outerModFile() {
	name := b.Module.GoMod
	if rel, err := filepath.Rel(b.Module.Dir, name); name != "" && (err != nil || !filepath.IsLocal(rel)) {
		b.Note(fmt.Sprintf("-modfile=%s is outside of the module: the copy has only its go.mod, and is built with -modfile=%s, too", name, name))
	}
}

// A relocation moves a file that names directories relative to its own.
type relocation struct {
	b    *builder
	from string // absolute
	to   string // relative to the root of the copy
}

// path returns the name in the copy for what is called path in the original.
func (r *relocation) path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	target := filepath.Join(r.from, filepath.FromSlash(path))
	rel, inside := r.inside(target)
	if inside {
		if r.from == filepath.Join(r.b.Module.Dir, r.to) {
			return path
		}
		rel, _ = filepath.Rel(r.to, rel)
	} else {
		// Through a symbolic link, the number of ".." depends on who counts.
		var err1, err2 error
		var real string
		rel, err1 = filepath.Rel(filepath.Join(r.b.dest.name, r.to), target)
		real, err2 = filepath.Rel(filepath.Join(r.b.dest.real, r.to), target)
		if err1 != nil || err2 != nil || rel != real {
			return target
		}
	}
	rel = filepath.ToSlash(rel)
	if rel != "." && !strings.HasPrefix(rel, "../") {
		rel = "./" + rel
	}
	return rel
}

// inside returns what target is relative to the copy, if that has it too.
func (r *relocation) inside(target string) (string, bool) {
	if real, err := filepath.EvalSymlinks(target); err == nil {
		return r.b.copied(real)
	}
	rel, err := filepath.Rel(r.b.Module.Dir, target)
	return rel, err == nil && filepath.IsLocal(rel)
}

// A splice replaces the last word of a line by another.
type splice struct {
	line *modfile.Line
	word string
}

// splices applies edits that are in the order of the file. It returns nil where
// there are none.
func splices(data []byte, edits []splice) []byte {
	if len(edits) == 0 {
		return nil
	}
	slices.SortFunc(edits, func(a, b splice) int { return a.line.Start.Byte - b.line.Start.Byte })
	var out []byte
	done := 0
	for _, e := range edits {
		old := e.line.Token[len(e.line.Token)-1]
		at := e.line.Start.Byte + bytes.LastIndex(data[e.line.Start.Byte:e.line.End.Byte], []byte(old))
		out = append(out, data[done:at]...)
		out = append(out, modfile.AutoQuote(e.word)...)
		done = at + len(old)
	}
	return append(out, data[done:]...)
}

func (r *relocation) replaces(list []*modfile.Replace) []splice {
	var edits []splice
	for _, rep := range list {
		if rep.New.Version != "" {
			continue
		}
		if p := r.path(rep.New.Path); p != rep.New.Path {
			edits = append(edits, splice{rep.Syntax, p})
		}
	}
	return edits
}

// goMod leaves a file alone that it does not understand: the go command has
// accepted the module's own.
func (r *relocation) goMod(data []byte) []byte {
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil
	}
	return splices(data, r.replaces(f.Replace))
}

func (r *relocation) goWork(data []byte) []byte {
	f, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return nil
	}
	edits := r.replaces(f.Replace)
	for _, use := range f.Use {
		if p := r.path(use.Path); p != use.Path {
			edits = append(edits, splice{use.Syntax, p})
		}
	}
	return splices(data, edits)
}

// modulesTxt keeps vendor/modules.txt in step: the go command compares its
// replacements with those of go.mod, as text.
func (r *relocation) modulesTxt(data []byte) []byte {
	var out []byte
	changed := false
	for line := range bytes.Lines(data) {
		left, right, ok := strings.Cut(string(line), " => ")
		path := strings.TrimRight(right, "\r\n")
		if ok && strings.HasPrefix(left, "# ") && modfile.IsDirectoryPath(path) {
			if p := r.path(path); p != path {
				line = []byte(left + " => " + p + right[len(path):])
				changed = true
			}
		}
		out = append(out, line...)
	}
	if !changed {
		return nil
	}
	return out
}

// workspace plans a go.work for the copy where it needs one besides what the
// module itself has.
func (b *builder) workspace() error {
	setup, err := rewrite.NewSetup(b.ctx, rewrite.Options{Dir: b.Module.Dir, Env: b.Env})
	if err != nil {
		return err
	}
	work := setup.GoWork
	switch {
	case work == "off":
		return nil
	case work == "":
		b.ownWorkspace()
		return nil
	case work == filepath.Join(b.Module.Dir, "go.work"):
		return nil // copied with the rest
	}
	return b.sharedWorkspace(work)
}

// sharedWorkspace plans a go.work like the one at work, where the copy stands
// in for the module.
func (b *builder) sharedWorkspace(work string) error {
	data, err := os.ReadFile(work)
	if err != nil {
		return readError(work, err)
	}
	r := &relocation{b: b, from: filepath.Dir(work), to: "."}
	if moved := r.goWork(data); moved != nil {
		data = moved
	}
	b.changed["go.work"] = data
	sum, err := os.ReadFile(work + ".sum")
	if err == nil {
		b.changed["go.work.sum"] = sum
	} else if !errors.Is(err, fs.ErrNotExist) {
		return readError(work+".sum", err)
	}
	if b.explicitWork() {
		b.Note(fmt.Sprintf("GOWORK=%s is set: to build the copy, unset it or set GOWORK=%s", work, filepath.Join(b.dest.name, "go.work")))
	}
	b.workspaceVendor(r)
	return nil
}

// explicitWork reports whether the environment names the go.work, so that the
// go command would use that one for the copy too.
func (b *builder) explicitWork() bool {
	env := b.Env
	if env == nil {
		env = os.Environ()
	}
	set := false
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "GOWORK="); ok {
			set = v != "" && v != "auto"
		}
	}
	return set
}

// workspaceVendor plans to copy the vendor directory of a workspace. The module
// may have one of its own, which a workspace does not use; then the copy does
// without, as the module cache has the same.
func (b *builder) workspaceVendor(r *relocation) {
	vendor := filepath.Join(r.from, "vendor")
	data, err := os.ReadFile(filepath.Join(vendor, "modules.txt"))
	if err != nil || !bytes.HasPrefix(data, []byte("## workspace")) || b.has("vendor") {
		return
	}
	b.vendor = vendor
	if moved := r.modulesTxt(data); moved != nil {
		b.changed[filepath.Join("vendor", "modules.txt")] = moved
	}
}

// has reports whether the source tree has a file or directory of this name.
func (b *builder) has(rel string) bool {
	_, err := os.Lstat(filepath.Join(b.source, rel))
	return err == nil
}

// ownWorkspace is for a module in no workspace, whose copy would find itself
// below the go.work of others and be refused by the go command.
func (b *builder) ownWorkspace() {
	for dir := filepath.Dir(b.dest.name); ; dir = filepath.Dir(dir) {
		work := filepath.Join(dir, "go.work")
		if info, err := os.Stat(work); err == nil && !info.IsDir() {
			if b.has("vendor") {
				// In a workspace the go command does not use a module's own.
				b.Note(fmt.Sprintf("%s applies to %s: build the copy with GOWORK=off", work, b.Dir))
				return
			}
			version := b.Module.GoVersion
			if version == "" {
				version = "1.18" // the first to know workspaces
			}
			b.changed["go.work"] = fmt.Appendf(nil, "go %s\n\nuse .\n", version)
			return
		}
		if dir == filepath.Dir(dir) {
			return
		}
	}
}
