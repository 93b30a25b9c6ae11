package load

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
)

// A Listed package is one to rewrite, or one with its in-package tests, as the
// go command lists it. Open looks into it.
type Listed struct {
	Path    string // as imported
	ID      string // unique among the packages of a load
	Dir     string
	Module  *packages.Module
	Sources []string  // absolute names of its Go files, sorted
	Needs   []*Listed // what it imports of the load, if only by way of packages that are not part of it
	Needed  bool      // another one needs it
	Early   bool      // it comes again with its tests: only what can be proved of its functions is asked for
	Plain   *Listed   // without its tests; nil if it has none in the package, or nothing else

	pkg    *packages.Package
	shared *shared
}

// A Result is what was loaded.
type Result struct {
	*Setup
	Source
	Fset     *token.FileSet
	Packages []*Listed // each behind those that it needs
	Ignored  []Ignored
	Named    []string // absolute names of the files that were asked for, sorted; nil where packages were

	shared *shared
}

// A Config says what to load.
type Config struct {
	Dir        string
	Env        []string
	BuildFlags []string
	Overlay    map[string][]byte // instead of what the files with these names hold
	Tests      bool
	Partial    bool // patterns may match nothing
	Foreign    bool // packages of other modules and of std may be listed, too: who asks writes nothing
	FromSource bool // nothing is compiled: the types of imports come from their sources
}

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
	packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedForTest |
	packages.NeedTypesSizes | packages.NeedExportFile

// Load finds the packages that patterns match. Patterns may be files of one
// group instead (see Groups).
func Load(ctx context.Context, cfg Config, patterns ...string) (*Result, error) {
	groups, err := Groups(cfg, patterns)
	switch {
	case err != nil:
		return nil, err
	case len(groups) > 1:
		return nil, &UsageError{Msg: fmt.Sprintf("%s and %s do not belong to one module: name the files of one at a time", groups[0][0], groups[1][0])}
	case len(patterns) > 0 && isFile(cfg, patterns[0]):
		return loadFiles(ctx, cfg, groups[0])
	}
	s, err := setupFor(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return load(ctx, cfg, s, patterns)
}

func load(ctx context.Context, cfg Config, s *Setup, patterns []string) (*Result, error) {
	patterns, err := s.ownOfAll(ctx, patterns)
	if err != nil {
		return nil, err
	}
	if slices.Contains(patterns, "C") {
		return nil, &UsageError{Msg: "C is cgo's, and no package that has a source"}
	}
	for _, name := range []string{"std", "cmd"} {
		if slices.Contains(patterns, name) && !cfg.Foreign && !strings.HasPrefix(s.goMod(), s.vars["GOROOT"]+string(filepath.Separator)) {
			return nil, &UsageError{Msg: fmt.Sprintf("%s means packages of Go's own: they can be rewritten in their own tree (-C %s/src), or for a build (dedefer build -scope=all)", name, s.vars["GOROOT"])}
		}
	}
	mode := mode
	if cfg.FromSource {
		mode &^= packages.NeedExportFile
	}
	roots, err := s.list(ctx, mode, cfg.Tests, patterns...)
	if err != nil {
		return nil, err
	}
	roots = selected(roots)
	spreadCycles(roots)
	withBadBuildLines(roots)
	slices.SortFunc(roots, func(a, b *packages.Package) int { return cmp.Compare(a.ID, b.ID) })
	if len(roots) == 0 && !cfg.Partial {
		return nil, s.noPackages(ctx, patterns)
	}
	if err := s.moduleOfFiles(ctx, roots); err != nil {
		return nil, err
	}
	if err := s.moduleOfStd(roots); err != nil {
		return nil, err
	}
	if cfg.Foreign {
		roots = withForeign(roots)
	}
	if err := s.unmet(ctx, roots, cfg.Foreign, patterns); err != nil {
		return nil, err
	}
	sh := newShared(s, roots)
	return &Result{
		Setup: s, Source: sh.Source, Fset: sh.fset,
		Packages: list(roots, sh), Ignored: ignored(ours(roots), sh.Source), shared: sh,
	}, nil
}

// list makes the packages of a load, in the order of their imports. Roots are
// sorted by ID.
func list(roots []*packages.Package, sh *shared) []*Listed {
	o := &order{byPath: map[string]*Listed{}, needs: map[string][]*Listed{}}
	var tests []*Listed
	for _, p := range roots { // a variant with tests comes behind the one without
		l := newListed(p, sh)
		if p.ForTest != "" && p.ForTest != p.PkgPath {
			tests = append(tests, l)
			continue
		}
		if plain := o.byPath[p.PkgPath]; plain != nil && len(plain.Sources) > 0 {
			l.Plain = plain
		}
		o.byPath[p.PkgPath] = l
	}
	for _, path := range slices.Sorted(maps.Keys(o.byPath)) {
		o.visit(o.byPath[path].pkg)
	}
	for _, l := range tests { // nothing imports them
		o.add(l)
	}
	return o.list
}

// An order collects packages behind those that they need.
type order struct {
	byPath map[string]*Listed
	needs  map[string][]*Listed // by ID: what a package brings along for those that import it
	list   []*Listed
}

// visit returns p if it is listed, otherwise what it needs.
func (o *order) visit(p *packages.Package) []*Listed {
	l := o.byPath[p.PkgPath]
	if l == nil {
		needs, ok := o.needs[p.ID]
		if !ok {
			needs = o.imports(p)
			o.needs[p.ID] = needs
		}
		return needs
	}
	if _, ok := o.needs[l.ID]; !ok { // not the one without tests
		o.needs[l.ID] = nil
		o.add(l)
		o.needs[l.ID] = []*Listed{l}
	}
	if o.needs[l.ID] == nil && l.Plain != nil {
		// It is its own tests that lead here, by way of those of other
		// packages.
		if !l.Plain.Early {
			l.Plain.Early = true
			o.add(l.Plain)
		}
		return []*Listed{l.Plain}
	}
	return o.needs[l.ID]
}

func (o *order) add(l *Listed) {
	l.Needs = o.imports(l.pkg)
	for _, n := range l.Needs {
		n.Needed = true
	}
	o.list = append(o.list, l)
}

func (o *order) imports(p *packages.Package) (needs []*Listed) {
	seen := map[*Listed]bool{}
	for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
		for _, n := range o.visit(p.Imports[path]) {
			if !seen[n] {
				seen[n] = true
				needs = append(needs, n)
			}
		}
	}
	return needs
}

func newListed(p *packages.Package, sh *shared) *Listed {
	return &Listed{
		Path: p.PkgPath, ID: p.ID, Dir: p.Dir, Module: p.Module,
		Sources: slices.Sorted(slices.Values(p.GoFiles)), pkg: p, shared: sh,
	}
}

// list lists packages.
func (s *Setup) list(ctx context.Context, mode packages.LoadMode, tests bool, patterns ...string) ([]*packages.Package, error) {
	overlay, names, clean, err := s.overlayFlag()
	if err != nil {
		return nil, err
	}
	defer clean()
	roots, err := packages.Load(&packages.Config{
		Context: ctx, Mode: mode, Dir: s.Dir, Env: s.Env, BuildFlags: append(slices.Clip(s.Flags), overlay...), Tests: tests,
	}, patterns...)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &UsageError{Msg: goListMessage(err)}
	}
	for _, p := range roots {
		if p.Module != nil && s.ModFile != "" && p.Module.Main {
			p.Module.GoMod = s.ModFile // as it was given, and not absolute
		}
		for i, e := range p.Errors {
			p.Errors[i].Msg = names.Replace(e.Msg)
		}
	}
	return roots, nil
}

// ownOfAll returns patterns with the packages of the main modules in place of "all",
// which means their dependencies, too, and of "...", which means Go's own: only the
// modules' own can be rewritten.
func (s *Setup) ownOfAll(ctx context.Context, patterns []string) ([]string, error) {
	isAll := func(pattern string) bool { return pattern == "all" || pattern == "..." }
	if !slices.ContainsFunc(patterns, isAll) {
		return patterns, nil
	}
	out, err := s.Go(ctx, append(append([]string{"list", "-m"}, s.Flags...), "-f", "{{if .Main}}{{.Dir}}{{end}}")...)
	if err != nil {
		return nil, err
	}
	patterns = slices.DeleteFunc(slices.Clone(patterns), isAll)
	for _, dir := range strings.Split(out, "\n") {
		if dir != "" {
			patterns = append(patterns, filepath.Join(dir, "..."))
		}
	}
	return patterns, nil
}

// noPackages is the error for patterns that match nothing. The go command says
// why, if asked to stop at errors.
func (s *Setup) noPackages(ctx context.Context, patterns []string) error {
	if s.goMod() == "" {
		return &UsageError{Msg: "there is no go.mod file here or above: packages are rewritten as part of their module; make one with go mod init, or name its files instead of the package"}
	}
	overlay, _, clean, err := s.overlayFlag()
	if err != nil {
		return err
	}
	defer clean()
	if _, err := s.Go(ctx, slices.Concat([]string{"list", "-export"}, s.Flags, overlay, []string{"--"}, patterns)...); err != nil {
		return err
	}
	return &UsageError{Msg: fmt.Sprintf("%s matched no packages", cmp.Or(strings.Join(patterns, " "), "."))}
}

// spreadCycles tells each package of an import cycle of it: the go command tells one
// of them, and the type checker takes the others for packages without errors.
func spreadCycles(roots []*packages.Package) {
	const stack = cycle + "import stack: ["
	cycles := map[string]string{} // by package: what is said of it
	packages.Visit(roots, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			paths := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(e.Msg, stack), "]"))
			if !strings.HasPrefix(e.Msg, stack) || len(paths) < 2 {
				continue
			}
			paths = paths[slices.Index(paths, paths[len(paths)-1]):]
			for i, path := range paths[:len(paths)-1] {
				cycles[path] = stack + strings.Join(slices.Concat(paths[i:len(paths)-1], paths[:i+1]), " ") + "]"
			}
		}
	})
	for _, p := range roots {
		told := slices.ContainsFunc(p.Errors, func(e packages.Error) bool { return strings.HasPrefix(e.Msg, cycle) })
		if msg := cycles[p.PkgPath]; msg != "" && !told {
			p.Errors = append(p.Errors, packages.Error{Msg: msg, Kind: packages.ListError})
		}
	}
}

// withBadBuildLines gives a package all files of which have a //go:build line that
// does not parse the one that the go command names: it is a package with an error.
func withBadBuildLines(roots []*packages.Package) {
	for _, p := range roots {
		for i, e := range p.Errors {
			name, why, ok := strings.Cut(strings.TrimSpace(e.Msg), ": parsing //go:build line: ")
			if !ok || p.Dir == "" {
				continue
			}
			name = filepath.Join(p.Dir, name)
			p.Errors[i] = packages.Error{Pos: name, Msg: "//go:build line: " + why, Kind: packages.ListError}
			if len(p.GoFiles) == 0 {
				p.GoFiles = []string{name}
			}
		}
	}
}

// A Dir is a directory with a package.
type Dir struct {
	Name   string
	Module *packages.Module
	Errors Errors // what the go command says is wrong with it
}

// Dirs returns the directories that patterns match, in order. It does not look into
// files.
func Dirs(ctx context.Context, cfg Config, patterns ...string) ([]Dir, error) {
	s, err := setupFor(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if patterns, err = s.ownOfAll(ctx, patterns); err != nil {
		return nil, err
	}
	roots, err := s.list(ctx, packages.NeedName|packages.NeedFiles|packages.NeedModule, false, patterns...)
	if err != nil {
		return nil, err
	}
	if len(roots) == 0 {
		return nil, s.noPackages(ctx, patterns)
	}
	if err := s.moduleOfStd(roots); err != nil {
		return nil, err
	}
	withBadBuildLines(roots)
	if err := s.unmet(ctx, roots, false, patterns); err != nil {
		return nil, err
	}
	var dirs []Dir
	for _, p := range roots {
		dirs = append(dirs, Dir{p.Dir, p.Module, newListed(p, nil).complaints(nil)})
	}
	slices.SortFunc(dirs, func(a, b Dir) int { return cmp.Compare(a.Name, b.Name) })
	return dirs, nil
}

// goMod returns the file that the go command takes for the main module's
// go.mod, "" where there is none.
func (s *Setup) goMod() string {
	if mod := s.vars["GOMOD"]; mod != os.DevNull {
		return mod
	}
	return ""
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

// selected returns roots without generated test mains, and without directories that
// only a wildcard matches and that hold no file of this configuration.
func selected(roots []*packages.Package) []*packages.Package {
	return slices.DeleteFunc(roots, func(p *packages.Package) bool {
		return strings.HasSuffix(p.ID, ".test") && p.Name == "main" ||
			len(p.GoFiles) == 0 && len(p.IgnoredFiles) > 0 && allExcluded(p)
	})
}

func allExcluded(p *packages.Package) bool {
	for _, e := range p.Errors {
		if !strings.Contains(e.Msg, "build constraints exclude all Go files") {
			return false
		}
	}
	return true
}

// ofFiles is the path of a package that is given as files.
const ofFiles = "command-line-arguments"

// moduleOfFiles fills in the module of a package that was given as files: the
// go command does not say it.
func (s *Setup) moduleOfFiles(ctx context.Context, roots []*packages.Package) error {
	lacks := func(p *packages.Package) bool {
		return p.Module == nil && (p.PkgPath == ofFiles || p.ForTest == ofFiles)
	}
	dir := ""
	for _, p := range roots {
		if lacks(p) && len(p.GoFiles) > 0 { // one with tests only has none without them
			dir = filepath.Dir(p.GoFiles[0])
		}
	}
	if dir == "" {
		return nil
	}
	var m *packages.Module
	if s.goMod() != "" {
		around, err := s.list(ctx, packages.NeedName|packages.NeedModule, false, dir)
		if err != nil {
			return err
		}
		for _, a := range around {
			m = a.Module
		}
	}
	if m == nil {
		m = s.looseModule(dir)
	}
	for _, p := range roots {
		if lacks(p) {
			p.Module = m
		}
	}
	return nil
}

// moduleOfStd fills in the module of a package of the standard library or of
// Go's own commands: the go command does not say it, although these trees have
// a go.mod ("module std", "module cmd") and can be the main module.
func (s *Setup) moduleOfStd(roots []*packages.Package) error {
	lacks := func(p *packages.Package) bool { return p.Module == nil && p.Dir != "" }
	if !slices.ContainsFunc(roots, lacks) {
		return nil
	}
	name := s.goMod()
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
