package load

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Groups puts the arguments of a command into groups that can be loaded at once: all
// of them, where they are packages; else the files of each module, or of each
// directory in none. Its error is a *UsageError.
func Groups(cfg Config, args []string) ([][]string, error) {
	var files, packages []string
	for _, arg := range args {
		if isFile(cfg, arg) {
			files = append(files, arg)
		} else {
			packages = append(packages, arg)
		}
	}
	switch {
	case len(files) == 0:
		return [][]string{args}, nil
	case len(packages) > 0:
		return nil, &UsageError{Msg: fmt.Sprintf("%s is a file, and %s is not: name files or packages, not both", files[0], packages[0])}
	}
	byHome := map[string][]string{}
	var homes []string
	for _, name := range files {
		abs, err := cfg.abs(name)
		if err != nil {
			return nil, err
		}
		if _, err := (Source{cfg.Overlay}).Read(abs); err != nil {
			return nil, &UsageError{Msg: fmt.Sprintf("%s: %v", name, cause(err))}
		}
		home := cmp.Or(moduleDir(abs), filepath.Dir(abs))
		if byHome[home] == nil {
			homes = append(homes, home)
		}
		byHome[home] = append(byHome[home], abs)
	}
	var groups [][]string
	for _, home := range homes {
		groups = append(groups, byHome[home])
	}
	return groups, nil
}

func (cfg Config) abs(name string) (string, error) {
	if filepath.IsAbs(name) {
		return filepath.Clean(name), nil
	}
	return filepath.Abs(filepath.Join(cfg.Dir, name))
}

// isFile reports whether arg names a file, as the go command sees it.
func isFile(cfg Config, arg string) bool {
	if !strings.HasSuffix(arg, ".go") {
		return false
	}
	name, err := cfg.abs(arg)
	if err != nil {
		return false
	}
	info, err := os.Stat(name)
	return err != nil || !info.IsDir()
}

// moduleDir returns the directory of the module that a file is in, "" where it
// is in none.
func moduleDir(name string) string {
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && !info.IsDir() {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// loadFiles loads the packages that files of one group belong to. In a module
// these are the packages of their directories. Outside of one, where a file is
// left out of its package, and where the package has errors, a file is a program
// of its own, as for "go run x.go": such directories hold several, often. If that
// has errors, too, the files that stand beside it in the same package may declare
// what it lacks.
func loadFiles(ctx context.Context, cfg Config, files []string) (*Result, error) {
	cfg.Tests = cfg.Tests || slices.ContainsFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	home, here := moduleDir(files[0]), ""
	if dir, err := filepath.Abs(cfg.Dir); err == nil {
		here = moduleDir(filepath.Join(dir, "x.go"))
	}
	if home == "" || home != here { // what counts there is another go.mod, or none
		cfg.Dir = filepath.Dir(files[0])
	}
	s, err := setupFor(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var first *Result
	if home != "" {
		var dirs []string
		for _, name := range files {
			dirs = append(dirs, filepath.Dir(name))
		}
		slices.Sort(dirs)
		res, err := load(ctx, cfg, s, slices.Compact(dirs))
		if err == nil && res.has(files) {
			first = res
		} else if err == nil {
			if err := s.leftOut(res, files); err != nil {
				return nil, err
			}
		}
	}
	if first != nil && first.sound() {
		return first.named(files), nil
	}
	alone, err := s.alone(ctx, cfg, files)
	if err != nil && first == nil {
		return nil, err
	}
	if err == nil && !alone.sound() {
		if beside := s.beside(files); len(beside) > 0 {
			if res, err := s.alone(ctx, cfg, append(slices.Clone(files), beside...)); err == nil && res.sound() {
				alone = res
			}
		}
	}
	// What is wrong with a text that is in no directory, its package does not say.
	if err == nil && (first == nil || alone.sound() || !exists(files[0])) {
		return alone.named(files), nil
	}
	return first.named(files), nil
}

// has reports whether the packages of r have all files.
func (r *Result) has(files []string) bool {
	return !slices.ContainsFunc(files, func(name string) bool {
		return !slices.ContainsFunc(r.Packages, func(l *Listed) bool { return slices.Contains(l.Sources, name) })
	})
}

// named returns r as one that is about files alone.
func (r *Result) named(files []string) *Result {
	r.Named = slices.Sorted(slices.Values(files))
	r.Ignored = slices.DeleteFunc(r.Ignored, func(ig Ignored) bool { return !slices.Contains(files, ig.Pos.Filename) })
	return r
}

// sound reports whether the packages of r have no errors.
func (r *Result) sound() bool {
	return !slices.ContainsFunc(r.Packages, func(l *Listed) bool {
		_, errs := l.Open()
		return len(errs) > 0
	})
}

// leftOut returns the error for a file that this build leaves out of its package,
// other than a program of its own with the tag ignore.
func (s *Setup) leftOut(res *Result, files []string) error {
	for _, name := range files {
		if res.has([]string{name}) {
			continue
		}
		base := filepath.Base(name)
		if strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
			continue
		}
		src, err := s.source().Read(name)
		if err != nil {
			return &UsageError{Msg: fmt.Sprintf("%s: %v", base, cause(err))}
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			continue // which is told when it is loaded alone
		}
		if by := excludedBy(name, f); by != "//go:build ignore" {
			return &UsageError{Msg: fmt.Sprintf("%s is left out of its package by %s: set GOOS, GOARCH, CGO_ENABLED or -tags so that it is in", base, by)}
		}
	}
	return nil
}

// alone loads files as one package.
func (s *Setup) alone(ctx context.Context, cfg Config, files []string) (*Result, error) {
	for _, name := range files {
		if filepath.Dir(name) != filepath.Dir(files[0]) {
			return nil, &UsageError{Msg: fmt.Sprintf("%s and %s are in two directories, and not in packages of one module: name one at a time", files[0], name)}
		}
	}
	return load(ctx, cfg, s, files)
}

// beside returns the files in the directory of files that are needed with them: files
// of the same package that declare what these lack, or what the files found so far
// lack, and nothing twice.
func (s *Setup) beside(files []string) (list []string) {
	have := &names{declared: map[string]bool{}, wanted: map[string]bool{}}
	for _, name := range files {
		if f := s.syntax(name); f != nil {
			have.add(f)
		}
	}
	rest := map[string]*ast.File{}
	for _, name := range s.source().GoFiles(filepath.Dir(files[0])) {
		ok, err := build.Default.MatchFile(filepath.Split(name))
		if f := s.syntax(name); ok && err == nil && f != nil && f.Name.Name == have.pkg && !slices.Contains(files, name) {
			rest[name] = f
		}
	}
	for again := true; again; {
		again = false
		for _, name := range slices.Sorted(maps.Keys(rest)) {
			if have.lacks(rest[name]) {
				have.add(rest[name])
				delete(rest, name)
				list = append(list, name)
				again = true
			}
		}
	}
	return list
}

// syntax returns what can be parsed of a file; nil where it cannot be read.
func (s *Setup) syntax(name string) *ast.File {
	src, err := s.source().Read(name)
	if err != nil {
		return nil
	}
	f, _ := parser.ParseFile(token.NewFileSet(), name, src, 0) // which finds what is declared elsewhere
	return f
}

// names are those that some files declare for their package, and those that they use
// and do not declare.
type names struct {
	pkg              string
	declared, wanted map[string]bool
}

func (n *names) add(f *ast.File) {
	n.pkg = f.Name.Name
	declared(f, n.declared)
	for _, id := range f.Unresolved {
		n.wanted[id.Name] = true
	}
}

// lacks reports whether f declares something that is used and not declared, or a
// method of a type that is declared, and nothing that is declared already.
func (n *names) lacks(f *ast.File) (lacks bool) {
	more := map[string]bool{}
	declared(f, more)
	for name := range more {
		switch {
		case name == "init" || name == "_": // they can be declared again
		case n.declared[name]:
			return false
		default:
			lacks = lacks || n.wanted[name]
		}
	}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv != nil {
			ast.Inspect(fd.Recv, func(node ast.Node) bool {
				id, ok := node.(*ast.Ident)
				lacks = lacks || ok && n.declared[id.Name]
				return true
			})
		}
	}
	return lacks
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func isRegular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// source is where files are read.
func (s *Setup) source() Source { return Source{s.Overlay} }

// looseModule stands for the module of files that are in none.
func (s *Setup) looseModule(dir string) *packages.Module {
	return &packages.Module{Path: ofFiles, Main: true, Dir: dir}
}
