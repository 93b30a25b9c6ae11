package integration

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Programs of several files stand in a directory named after the file with
// the recipe.

func readAll(dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(file)
		return err
	})
	return files, err
}

var packageClause = regexp.MustCompile(`(?m)^package ([\p{Lu}\p{Ll}\w]+)`)

// readPackages reads the Go files of dir and sorts them into directories: its
// last package, which is what runs, into the root, each other into one named
// after its first file. That is how they import each other, as "./a", which
// becomes a path below root. With single set each file is a package.
func readPackages(dir, root string, single bool) (map[string][]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	type source struct {
		name, dir string
		src       []byte
	}
	var sources []source
	dirs := make(map[string]string) // by package name
	last := ""
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		m := packageClause.FindSubmatch(src)
		if m == nil {
			return nil, fmt.Errorf("%s: no package clause", name)
		}
		pkg, base := string(m[1]), filepath.Base(name)
		d, ok := dirs[pkg]
		if !ok || single {
			d = packageDir(strings.TrimSuffix(base, ".go"))
			dirs[pkg], last = d, d
		}
		if src, err = localImports(src, root); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sources = append(sources, source{base, d, src})
	}
	files := make(map[string][]byte)
	for _, s := range sources {
		if s.dir == last {
			s.dir = ""
		}
		files[path.Join(s.dir, s.name)] = s.src
	}
	return files, nil
}

// packageDir is name as an import path may have it.
func packageDir(name string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return 'x'
		}
		return r
	}, name)
}

// localImports replaces imports of "./a" by those of root+"/a".
func localImports(src []byte, root string) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	slices.Reverse(f.Imports) // what is replaced must not move what is still to be
	for _, spec := range f.Imports {
		src = localImport(fset, spec, src, root)
	}
	return src, nil
}

func localImport(fset *token.FileSet, spec *ast.ImportSpec, src []byte, root string) []byte {
	old, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return src
	}
	name, dot := strings.CutPrefix(old, "./")
	name, test := strings.CutPrefix(name, "test/") // what "./" stands for
	if !dot && !test {
		return src
	}
	at := fset.PositionFor(spec.Path.Pos(), false).Offset
	return slices.Concat(src[:at], []byte(strconv.Quote(path.Join(root, packageDir(name)))), src[at+len(spec.Path.Value):])
}
