package toolexec

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/dedefer/dedefer/rewrite"
)

// A Scope says which packages are lowered.
type Scope string

const (
	Module Scope = "module" // those of the main module, or of the modules of a workspace
	Deps   Scope = "deps"   // those of other modules, too
	All    Scope = "all"    // the standard library, too, but for the Go runtime
)

// Which module a package belongs to must follow from what is in the go command's
// key of it, or two builds would take each other's results. That is the directory of the
// package, or, in a build with -trimpath, the module's path and version. (And
// -std, always.)

// inModule reports whether the unit is of the main module or of the workspace.
func (u *Unit) inModule() bool {
	if u.Std {
		return false
	}
	if to, ok := u.trimmed(); ok {
		return !strings.Contains(to, "@") // else it has the version of a dependency
	}
	dir := filepath.ToSlash(u.sourceDir())
	cache := filepath.ToSlash(os.Getenv("GOMODCACHE"))
	return !vendored(dir) && (cache == "" || !strings.HasPrefix(dir, strings.TrimSuffix(cache, "/")+"/"))
}

// vendored reports whether dir is below a directory that "go mod vendor" or "go work vendor"
// has made. Any other directory may have the name vendor, too.
func vendored(dir string) bool {
	for i := range dir {
		if at := dir[:i]; strings.HasSuffix(at, "/vendor") && dir[i] == '/' {
			if _, err := os.Stat(filepath.FromSlash(at + "/modules.txt")); err == nil {
				return true
			}
		}
	}
	return false
}

// in reports whether the unit is to be lowered.
func (u *Unit) in(s Scope) bool {
	switch {
	case u.Std:
		return s == All && !rewrite.IsGoRuntime(u.Path)
	case s == Module:
		return u.inModule()
	}
	return true
}

// trimmed returns what stands for the package's directory in a build with
// -trimpath: its import path, or, for a dependency, that of its module, a version, and
// the rest.
func (u *Unit) trimmed() (to string, ok bool) {
	for _, t := range u.Trims {
		if t.To != "" && !strings.HasSuffix(t.From, ".go") && filepath.IsAbs(t.From) && !filepath.IsAbs(t.To) {
			return t.To, true
		}
	}
	return "", false
}

// sourceDir returns the directory of the package's source. Files that the go
// command made of others say in a //line directive what these are called, and those
// of an overlay are to be called otherwise.
func (u *Unit) sourceDir() string {
	for _, t := range u.Trims {
		if strings.HasSuffix(t.From, ".go") && filepath.IsAbs(t.To) {
			return filepath.Dir(t.To)
		}
	}
	for _, name := range u.Files() {
		if filepath.Dir(name) != u.Dir() {
			return filepath.Dir(name)
		}
	}
	for _, name := range u.Files() {
		if from := firstLine(name); filepath.IsAbs(from) {
			return filepath.Dir(from)
		}
	}
	return u.Dir()
}

// firstLine returns the file that the first //line directive of a file names.
func firstLine(name string) string {
	data, _ := os.ReadFile(name)
	for line := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(line, []byte("//line ")); ok {
			file := strings.TrimSpace(string(rest))
			for range 2 {
				if i := strings.LastIndexByte(file, ':'); i > 1 && strings.Trim(file[i+1:], "0123456789") == "" {
					file = file[:i]
				}
			}
			return file
		}
	}
	return ""
}
