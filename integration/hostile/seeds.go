package hostile

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/integration/harness"
)

// maxSeed is how many bytes a program may have to be mutated.
const maxSeed = 20_000

// A Seed is a program to be mutated.
type Seed struct{ Name, Src string }

// Seeds returns the programs of one file that have a defer statement: those of
// testdata/cases and, where Go is installed with it, of its test directory.
func Seeds() ([]Seed, error) {
	root, err := harness.ModuleRoot()
	if err != nil {
		return nil, err
	}
	cases, err := filepath.Glob(filepath.Join(root, "testdata", "cases", "*.txtar"))
	if err != nil {
		return nil, err
	}
	r, err := harness.Command{Args: []string{"go", "env", "GOROOT"}}.RunOK()
	if err != nil {
		return nil, err
	}
	goroot := strings.TrimSpace(r.Stdout)
	var seeds []Seed
	for _, name := range cases {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			return nil, err
		}
		for _, f := range ar.Files {
			seeds = add(seeds, goroot, filepath.Base(name)+":"+f.Name, f.Data)
		}
	}
	dir := filepath.Join(goroot, "test")
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // Go may be installed without its tests
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		seeds = add(seeds, goroot, filepath.ToSlash(rel), data)
		return err
	})
	return seeds, err
}

// add adds a file if it is a seed: it need not be right, but parse, and import
// only the standard library.
func add(seeds []Seed, goroot, name string, src []byte) []Seed {
	if !strings.HasSuffix(name, ".go") || len(src) > maxSeed || !bytes.Contains(src, []byte("defer")) {
		return seeds
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil || !harness.HasDefer(f) {
		return seeds
	}
	for _, imp := range f.Imports {
		if path, err := strconv.Unquote(imp.Path.Value); err != nil || !isDir(filepath.Join(goroot, "src", filepath.FromSlash(path))) {
			return seeds
		}
	}
	return append(seeds, Seed{name, string(src)})
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
