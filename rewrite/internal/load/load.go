package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
)

// A Package is one type-checked package, or one with its in-package tests.
type Package struct {
	Path      string // as imported
	ID        string // unique among the packages of a load
	Dir       string
	Module    *packages.Module
	Fset      *token.FileSet
	Types     *types.Package
	Info      *types.Info
	Sizes     types.Sizes
	GoVersion string            // such as "go1.26"
	Imports   map[string]string // import path to the path of the package it names
	Files     []*File
	Extra     []*ast.File // type-checked along, never rewritten: cgo's declarations

	pkg *packages.Package
}

// A File is one Go source file.
type File struct {
	Name    string // absolute
	Src     []byte
	Syntax  *ast.File
	Version string // language version, such as "go1.21"
	Cgo     bool   // imports "C"
}

// GoAtLeast reports whether the language version of f is go1.minor or later.
func (f *File) GoAtLeast(minor int) bool {
	var have int
	if _, err := fmt.Sscanf(f.Version, "go1.%d", &have); err != nil {
		return true
	}
	return have >= minor
}

// A Result is what was loaded.
type Result struct {
	Fset     *token.FileSet
	Packages []*Package
	Ignored  []Ignored
	Errors   Errors // with Config.Partial: of the packages that are left out
}

// Errors are the complaints of the parser and type checker.
type Errors []Error

// An Error is one complaint. Pos is zero where the go command gave none.
type Error struct {
	Pos token.Position
	Msg string
}

func (e Errors) Error() string {
	var b strings.Builder
	for i, err := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", err.Pos, err.Msg)
	}
	return b.String()
}

// A UsageError says that the request cannot be met.
type UsageError struct{ Msg string }

func (e *UsageError) Error() string { return e.Msg }

// A Config says what to load.
type Config struct {
	Dir        string
	Env        []string
	BuildFlags []string
	Overlay    map[string][]byte // instead of what the files with these names hold
	Tests      bool
	Partial    bool // leave out packages with errors
}

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
	packages.NeedImports | packages.NeedModule | packages.NeedForTest |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo

// Load loads the packages that patterns match.
func Load(ctx context.Context, cfg Config, patterns ...string) (*Result, error) {
	fset := token.NewFileSet()
	src := sources{overlay: cfg.Overlay, files: map[string]*source{}}
	roots, err := packages.Load(&packages.Config{
		Context:    ctx,
		Mode:       mode,
		Dir:        cfg.Dir,
		Env:        cfg.Env,
		BuildFlags: cfg.BuildFlags,
		Overlay:    cfg.Overlay,
		Tests:      cfg.Tests,
		Fset:       fset,
		ParseFile:  src.parse,
	}, patterns...)
	if err != nil {
		return nil, listError(ctx, err)
	}
	res := &Result{Fset: fset}
	roots = selected(roots)
	if cfg.Partial {
		roots, res.Errors = sound(roots)
	}
	roots = distinct(roots)
	if len(roots) == 0 && !cfg.Partial {
		return nil, noPackages(ctx, cfg, patterns)
	}
	if err := moduleOfFiles(ctx, cfg, roots); err != nil {
		return nil, err
	}
	if err := moduleOfStd(ctx, cfg, roots); err != nil {
		return nil, err
	}
	if err := check(roots); err != nil {
		return nil, err
	}
	for _, p := range roots {
		pkg, err := convert(p, fset, &src)
		var errs Errors
		switch {
		case cfg.Partial && errors.As(err, &errs):
			res.Errors = append(res.Errors, errs...)
		case err != nil:
			return nil, err
		default:
			res.Packages = append(res.Packages, pkg)
		}
	}
	res.Ignored = ignored(roots)
	return res, nil
}

// listError is for a go command that could not even list packages.
func listError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &UsageError{Msg: goListMessage(err)}
}

func noPackages(ctx context.Context, cfg Config, patterns []string) error {
	if goMod(ctx, cfg) == "" {
		return &UsageError{Msg: "there is no go.mod file here or above: packages are rewritten as part of their module (go mod init makes one)"}
	}
	return &UsageError{Msg: fmt.Sprintf("%s matched no packages", cmp.Or(strings.Join(patterns, " "), "."))}
}

// A Dir is a directory with a package.
type Dir struct {
	Name   string
	Module *packages.Module
}

// Dirs finds the directories that patterns match, in order, without looking at
// what is in their files.
func Dirs(ctx context.Context, cfg Config, patterns ...string) ([]Dir, error) {
	roots, err := packages.Load(&packages.Config{
		Context: ctx, Mode: packages.NeedName | packages.NeedFiles | packages.NeedModule,
		Dir: cfg.Dir, Env: cfg.Env, BuildFlags: cfg.BuildFlags, Overlay: cfg.Overlay,
	}, patterns...)
	if err != nil {
		return nil, listError(ctx, err)
	}
	if len(roots) == 0 {
		return nil, noPackages(ctx, cfg, patterns)
	}
	if err := moduleOfStd(ctx, cfg, roots); err != nil {
		return nil, err
	}
	if err := check(roots); err != nil {
		return nil, err
	}
	var dirs []Dir
	for _, p := range roots {
		dirs = append(dirs, Dir{p.Dir, p.Module})
	}
	slices.SortFunc(dirs, func(a, b Dir) int { return cmp.Compare(a.Name, b.Name) })
	return dirs, nil
}

// goMod returns the file that the go command takes for the main module's
// go.mod, "" where there is none.
func goMod(ctx context.Context, cfg Config) string {
	cmd := exec.CommandContext(ctx, "go", "env", "GOMOD")
	cmd.Dir, cmd.Env = cfg.Dir, cfg.Env
	out, err := cmd.Output()
	mod := strings.TrimSpace(string(out))
	if err != nil || mod == os.DevNull {
		return ""
	}
	return mod
}

// goListMessage drops the wrapping that go/packages puts around what the go
// command said.
func goListMessage(err error) string {
	msg := err.Error()
	if i := strings.Index(msg, "stderr: "); i >= 0 {
		msg = msg[i+len("stderr: "):]
	}
	return strings.TrimSpace(strings.TrimPrefix(msg, "err: exit status 1: "))
}

// selected drops generated test mains, and directories that hold no file of
// this configuration but were only found by a wildcard.
func selected(roots []*packages.Package) []*packages.Package {
	return slices.DeleteFunc(roots, func(p *packages.Package) bool {
		return strings.HasSuffix(p.ID, ".test") && p.Name == "main" ||
			len(p.GoFiles) == 0 && len(p.IgnoredFiles) > 0 && allExcluded(p)
	})
}

// sound drops packages with errors, and returns these, each once. One that only
// its tests spoil is there without them.
func sound(roots []*packages.Package) ([]*packages.Package, Errors) {
	var errs Errors
	roots = slices.DeleteFunc(roots, func(p *packages.Package) bool {
		var list Errors
		if !errors.As(check([]*packages.Package{p}), &list) {
			return false // a UsageError is reported later
		}
		errs = append(errs, list...)
		return true
	})
	return roots, slices.Compact(sorted(errs))
}

// distinct drops packages that are contained in their test variant.
func distinct(roots []*packages.Package) []*packages.Package {
	variants := map[string]bool{}
	for _, p := range roots {
		if p.ForTest != "" && p.ForTest == p.PkgPath {
			variants[p.PkgPath] = true
		}
	}
	roots = slices.DeleteFunc(roots, func(p *packages.Package) bool {
		return p.ForTest == "" && variants[p.PkgPath]
	})
	slices.SortFunc(roots, func(a, b *packages.Package) int { return cmp.Compare(a.ID, b.ID) })
	return roots
}

func allExcluded(p *packages.Package) bool {
	for _, e := range p.Errors {
		if !strings.Contains(e.Msg, "build constraints exclude all Go files") {
			return false
		}
	}
	return true
}

// moduleOfFiles fills in the module of a package that was given as files: the
// go command does not say it.
func moduleOfFiles(ctx context.Context, cfg Config, roots []*packages.Package) error {
	for _, p := range roots {
		if p.Module != nil || p.PkgPath != "command-line-arguments" || len(p.GoFiles) == 0 {
			continue
		}
		around, err := packages.Load(&packages.Config{
			Context: ctx, Mode: packages.NeedName | packages.NeedModule,
			Dir: filepath.Dir(p.GoFiles[0]), Env: cfg.Env, BuildFlags: cfg.BuildFlags,
		}, ".")
		if err != nil {
			return err
		}
		for _, a := range around {
			p.Module = a.Module
		}
	}
	return nil
}

// moduleOfStd fills in the module of a package of the standard library or of
// Go's own commands: the go command does not say it, although these trees have
// a go.mod ("module std", "module cmd") and can be the main module.
func moduleOfStd(ctx context.Context, cfg Config, roots []*packages.Package) error {
	lacks := func(p *packages.Package) bool { return p.Module == nil && p.Dir != "" }
	if !slices.ContainsFunc(roots, lacks) {
		return nil
	}
	name := goMod(ctx, cfg)
	if name == "" {
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	mod, err := modfile.ParseLax(name, data, nil)
	if err != nil || mod.Module == nil || mod.Module.Mod.Path != "std" && mod.Module.Mod.Path != "cmd" {
		return nil
	}
	m := &packages.Module{Path: mod.Module.Mod.Path, Main: true, Dir: filepath.Dir(name), GoMod: name}
	if mod.Go != nil {
		m.GoVersion = mod.Go.Version
	}
	for _, p := range roots {
		if rel, err := filepath.Rel(m.Dir, p.Dir); lacks(p) && err == nil && filepath.IsLocal(rel) {
			p.Module = m
		}
	}
	return nil
}

// check collects everything that is wrong with the packages: a request that
// cannot be met first, then all syntax and type errors.
func check(roots []*packages.Package) error {
	var errs Errors
	seen := map[string]bool{}
	for _, p := range roots {
		cgoFailed := slices.ContainsFunc(p.Errors, func(e packages.Error) bool {
			return strings.HasPrefix(e.Msg, "could not import C ")
		})
		for _, e := range p.Errors {
			if cgoFailed { // only cgo's own words help
				errs = append(errs, compilerErrors(p.Dir, e.Msg)...)
				continue
			}
			if e.Kind == packages.ListError && len(p.GoFiles) == 0 {
				return &UsageError{Msg: strings.TrimSpace(e.Msg)}
			}
			if usesCgo(p) && e.Kind == packages.TypeError {
				continue // checked again, from the original files
			}
			if strings.HasPrefix(e.Msg, "# ") {
				continue // the compiler's words for what the type checker says, too
			}
			msg := importError(p, e.Msg)
			if seen[e.Pos+msg] {
				continue
			}
			seen[e.Pos+msg] = true
			errs = append(errs, Error{position(e.Pos), msg})
		}
	}
	if len(errs) > 0 {
		return sorted(errs)
	}
	for _, p := range roots {
		for _, e := range p.Errors {
			if !usesCgo(p) {
				return Errors{{position(e.Pos), e.Msg}}
			}
		}
		switch {
		case p.Module == nil:
			return &UsageError{Msg: fmt.Sprintf("%s is in no module: only packages of the main module can be rewritten (go mod init makes a module)", p.PkgPath)}
		case !p.Module.Main:
			return &UsageError{Msg: fmt.Sprintf("%s is not in the main module: only its own packages can be rewritten", p.PkgPath)}
		}
	}
	return nil
}

// compilerErrors takes the lines with a position out of what a build printed.
func compilerErrors(dir, msg string) (errs Errors) {
	if !strings.HasPrefix(msg, "# ") {
		return nil
	}
	for line := range strings.Lines(msg) {
		pos, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if p := position(pos); ok && p.Line > 0 {
			if !filepath.IsAbs(p.Filename) {
				p.Filename = filepath.Join(dir, p.Filename)
			}
			errs = append(errs, Error{p, text})
		}
	}
	return errs
}

// importError returns what the go command has to say of a package that cannot
// be imported, which tells more than the type checker.
func importError(p *packages.Package, msg string) string {
	rest, ok := strings.CutPrefix(msg, "could not import ")
	if !ok {
		return msg
	}
	path, _, _ := strings.Cut(rest, " ")
	if imp := p.Imports[path]; imp != nil && len(imp.Errors) > 0 {
		return strings.TrimSpace(imp.Errors[0].Msg)
	}
	return msg
}

func sorted(errs Errors) Errors {
	slices.SortFunc(errs, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Msg, b.Msg))
	})
	return errs
}

// position parses the file:line:col that go/packages puts into its errors.
func position(s string) (pos token.Position) {
	pos.Filename = s
	if name, col, ok := cutLastNumber(s); ok {
		pos.Filename, pos.Line = name, col
		if name, line, ok := cutLastNumber(name); ok {
			pos.Filename, pos.Line, pos.Column = name, line, col
		}
	}
	if pos.Filename == "-" {
		pos.Filename = ""
	}
	return pos
}

func cutLastNumber(s string) (string, int, bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil
}

func convert(p *packages.Package, fset *token.FileSet, src *sources) (*Package, error) {
	pkg := &Package{
		Path: p.PkgPath, ID: p.ID, Dir: p.Dir, Module: p.Module,
		Fset: fset, Types: p.Types, Info: p.TypesInfo, Sizes: p.TypesSizes,
		Imports: map[string]string{},
		pkg:     p,
	}
	if p.Module.GoVersion != "" {
		pkg.GoVersion = "go" + p.Module.GoVersion
	}
	for path, imp := range p.Imports {
		pkg.Imports[path] = imp.PkgPath
	}
	if usesCgo(p) {
		if err := pkg.checkCgo(src); err != nil {
			return nil, err
		}
	} else {
		for _, f := range p.Syntax {
			name := fset.PositionFor(f.FileStart, false).Filename
			if err := pkg.addFile(name, f, src); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(pkg.Files, func(a, b *File) int { return cmp.Compare(a.Name, b.Name) })
	return pkg, nil
}

func (p *Package) addFile(name string, f *ast.File, src *sources) error {
	data, err := src.read(name)
	if err != nil {
		return err
	}
	file := &File{Name: name, Src: data, Syntax: f, Version: p.Info.FileVersions[f]}
	if file.Version == "" {
		file.Version = p.GoVersion
	}
	for _, imp := range f.Imports {
		file.Cgo = file.Cgo || imp.Path.Value == `"C"`
	}
	p.Files = append(p.Files, file)
	return nil
}

// Import implements types.Importer with the packages that p was loaded with.
func (p *Package) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	imp := p.pkg.Imports[path]
	if imp == nil || imp.Types == nil {
		return nil, fmt.Errorf("no package %q", path)
	}
	return imp.Types, nil
}

// sources reads and parses each file once, although a package and its test
// variant both ask for it.
type sources struct {
	overlay map[string][]byte
	mu      sync.Mutex
	files   map[string]*source
}

type source struct {
	once sync.Once
	data []byte
	file *ast.File
	err  error
}

func (s *sources) get(name string) *source {
	s.mu.Lock()
	f := s.files[name]
	if f == nil {
		f = &source{}
		s.files[name] = f
	}
	s.mu.Unlock()
	return f
}

func (s *sources) parse(fset *token.FileSet, name string, data []byte) (*ast.File, error) {
	f := s.get(name)
	f.once.Do(func() {
		f.data = data
		f.file, f.err = parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	})
	return f.file, f.err
}

func (s *sources) read(name string) ([]byte, error) {
	if f := s.get(name); f.data != nil {
		return f.data, nil
	}
	if data, ok := s.overlay[name]; ok {
		return data, nil
	}
	return os.ReadFile(name)
}

func usesCgo(p *packages.Package) bool {
	return slices.ContainsFunc(p.CompiledGoFiles, func(name string) bool {
		return !slices.Contains(p.GoFiles, name)
	})
}

var errNoCgoTypes = errors.New("cgo's type declarations are missing")
