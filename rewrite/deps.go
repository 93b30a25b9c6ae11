package rewrite

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/load"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// Dependencies lists the packages of other modules, or with std those of the
// standard library but for the Go runtime, that the packages matched by patterns
// need: by their import paths, and the directories of their source.
func Dependencies(ctx context.Context, opts Options, std bool, patterns ...string) (dirs map[string]string, err error) {
	deps, err := load.Deps(ctx, opts.config(), patterns...)
	if err != nil {
		return nil, convertError(err)
	}
	dirs = map[string]string{}
	for _, d := range deps {
		if d.Std == std && !(std && IsGoRuntime(d.Path)) {
			dirs[d.Path] = d.Dir
		}
	}
	return dirs, nil
}

// IsGoRuntime reports whether a package of the standard library is part of the Go
// runtime, whose defer statements are its own matter. The other packages that it is
// made of have none.
func IsGoRuntime(path string) bool {
	return path == "runtime" || strings.HasPrefix(path, "internal/runtime/")
}

// privateFiles returns the files that a package in dir gets for its copy of the
// runtime.
func privateFiles(m *Module, dir string, out *lowering.Lowered) (files []File) {
	for base, text := range out.Runtime {
		files = append(files, File{Name: filepath.Join(dir, base), Module: m, New: []byte(generated + "\n\n" + text)})
	}
	return files
}
