package rewrite

import (
	"cmp"
	"context"
	"errors"
	"go/token"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/load"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// What Lower decides about packages is said of programs in the same words.
type (
	// Unwind says what happens to a frame's pending calls when a panic or a
	// Goexit passes through it.
	Unwind = lowering.Unwind
	// A Report tells what was decided and why.
	Report = lowering.Report
	// A Site is one defer statement.
	Site = lowering.Site
	// A Function is a function with at least one site.
	Function = lowering.Function
	// An Exit is a place where a function ends normally.
	Exit = lowering.Exit
	// A Run is the deferred calls of one site, or of one loop, at an exit.
	Run = lowering.Run
	// A Guard is a native deferred function that a function keeps.
	Guard = lowering.Guard
	// A Reason is one of the things that led to a decision.
	Reason = lowering.Reason
	// Reasons are read one after the other.
	Reasons = lowering.Reasons
	// Totals are the numbers of what a report has.
	Totals = lowering.Totals
	// A Line says what a line of the output was made for.
	Line = lowering.Line
	// A Loss is a place where Unwind None changes what the program does.
	Loss = lowering.Loss
	// An Error is one complaint about the input.
	Error = lowering.Error
	// An ErrorList holds all complaints about the input, sorted by position.
	ErrorList = lowering.ErrorList
	// A BugError says that the output would not have type-checked, or would have
	// lacked a comment of the input.
	BugError = lowering.BugError
)

const (
	Native = lowering.Native // the chain runs, exactly as Go does
	None   = lowering.None   // nothing runs: for targets that trap on panic
)

// When the calls of a Run run.
const (
	Always  = lowering.Always  // on every path to the exit
	Pending = lowering.Pending // on some paths: a bit tells
	Records = lowering.Records // as often as the sites were passed, the newest first
)

// A UsageError says that the request itself cannot be met, and what to do.
type UsageError = load.UsageError

// Options steer Load and Rewrite. The zero value rewrites the package in the
// current directory, without its tests, for -unwind=native.
type Options struct {
	Dir        string   // where patterns are resolved; "" is the current directory
	Env        []string // as for os/exec; nil is os.Environ()
	BuildFlags []string // passed to the go command, such as -tags=integration
	Tests      bool     // load and rewrite _test.go files too
	Unwind     Unwind
	Keep       bool // leave the defer statements of a function as they are where gc's own code is at least as good; only with Native
	NoHeap     bool // fail where a site would need a record on the heap
	Lines      bool // emit //line directives
	Origins    bool // tell where each line of a File comes from, and the graphs of functions
	Alone      bool // a package's output does not depend on which others are rewritten with it

	// Overlay has texts that stand for those of files, by absolute name, also
	// of files that do not exist. A nil text is that of a file that is not to.
	Overlay map[string][]byte
	// Partial makes Load accept patterns that match nothing.
	Partial bool
	// Functions are those that Rewrite rewrites and reports on; nil is all.
	Functions *Functions
	// Foreign makes Load accept packages of other modules and of the standard
	// library: who asks for that writes nothing.
	Foreign bool
	// Private makes Rewrite give each package what it needs of the bundled
	// runtime as files of its own, so that it imports nothing else than before.
	Private bool
	// FromSource makes Load take the types of imports from their sources. Nothing
	// is compiled then: for a GOROOT that is for another compiler.
	FromSource bool

	// Progress, if set, is told how many packages Rewrite is done with, of all. It
	// is called by several goroutines, one at a time.
	Progress func(done, all int)
}

// A Module is a main module that the loaded packages belong to. Files in no
// module have one with their directory and no GoMod: what they need of the
// bundled runtime becomes part of them.
type Module struct {
	Path      string // module path
	Dir       string // absolute
	GoMod     string // absolute path of go.mod, or of what -modfile names
	GoVersion string // such as "1.26"; "" where go.mod says none
}

// An Ignored file is a Go file in the directory of a loaded package that the
// current GOOS, GOARCH or build tags leave out. Only those with a defer
// statement are reported.
type Ignored struct {
	Pos        token.Position // of its first defer statement
	Constraint string         // what left it out, such as "//go:build special" or "file name windows"
}

// A Program is what Load returns: packages of the main module, which are listed and
// not yet looked into.
type Program struct {
	Modules []*Module // sorted by Dir
	Ignored []Ignored // sorted by position
	Dirs    []string  // absolute directories of the matched packages, sorted
	Files   []string  // absolute names of all Go files of the matched packages that this configuration builds (with Options.Tests, _test.go files too), sorted

	// Named are the absolute names of the files that Load was asked for, sorted:
	// only they are rewritten. It is nil where Load was asked for packages.
	Named []string

	// Overlay is that of the Options together with what -overlay names in
	// GOFLAGS, which is OverlayFile. A nil text is that of a file that is not to
	// exist.
	Overlay     map[string][]byte
	OverlayFile string

	loaded *load.Result
}

// Read returns the text of a file of p: that of the overlay, where it has one.
func (p *Program) Read(name string) ([]byte, error) { return p.loaded.Source.Read(name) }

// A Setup is what the go command is told besides its arguments, as far as it
// counts: by the environment, by "go env -w" and by GOFLAGS.
type Setup = load.Setup

// NewSetup asks the go command. Its error is a *UsageError, which says by name
// what cannot be honoured.
func NewSetup(ctx context.Context, opts Options) (*Setup, error) {
	s, err := load.NewSetup(ctx, opts.config())
	return s, convertError(err)
}

// Groups puts the arguments of a command into groups, each of which Load takes:
// packages, or files that are of one module, or of one directory in no module.
func Groups(opts Options, args []string) ([][]string, error) {
	groups, err := load.Groups(opts.config(), args)
	return groups, convertError(err)
}

// Load resolves patterns as the go command does, which builds what the packages
// import. A file stands for its package, of which it alone is rewritten; it may be in
// no module, and be a program of its own there. Its error is a *UsageError where the
// request itself cannot be met: nothing matches, no module, a package outside of the
// main module.
func Load(ctx context.Context, opts Options, patterns ...string) (*Program, error) {
	res, err := load.Load(ctx, opts.config(), patterns...)
	if err != nil {
		return nil, convertError(err)
	}
	prog := &Program{loaded: res, Named: res.Named, Overlay: res.Overlay, OverlayFile: res.OverlayFile}
	for _, ig := range res.Ignored {
		prog.Ignored = append(prog.Ignored, Ignored(ig))
	}
	modules := map[string]*Module{}
	for _, p := range res.Packages {
		if p.Early {
			continue
		}
		prog.Dirs = append(prog.Dirs, p.Dir)
		prog.Files = append(prog.Files, p.Sources...)
		m := p.Module
		if modules[m.Dir] == nil {
			modules[m.Dir] = newModule(m)
			prog.Modules = append(prog.Modules, modules[m.Dir])
		}
	}
	slices.SortFunc(prog.Modules, func(a, b *Module) int { return cmp.Compare(a.Dir, b.Dir) })
	prog.Dirs, prog.Files = unique(prog.Dirs), unique(prog.Files)
	return prog, nil
}

func (opts Options) config() load.Config {
	return load.Config{
		Dir: opts.Dir, Env: opts.Env, BuildFlags: opts.BuildFlags,
		Overlay: opts.Overlay, Tests: opts.Tests, Partial: opts.Partial, Foreign: opts.Foreign, FromSource: opts.FromSource,
	}
}

// loose reports whether m stands for files in no module.
func (m *Module) loose() bool { return m.GoMod == "" }

func newModule(m *packages.Module) *Module {
	return &Module{Path: m.Path, Dir: m.Dir, GoMod: m.GoMod, GoVersion: m.GoVersion}
}

// A Dir is the directory of a package of the main module.
type Dir struct {
	Name   string // absolute
	Module *Module
	Errors ErrorList // what the go command says is wrong with it
}

// Dirs returns the directories that patterns match, sorted. It does not look into
// files. Modules that are equal are the same pointer.
func Dirs(ctx context.Context, opts Options, patterns ...string) ([]Dir, error) {
	list, err := load.Dirs(ctx, opts.config(), patterns...)
	if err != nil {
		return nil, convertError(err)
	}
	modules := map[string]*Module{}
	var dirs []Dir
	for _, d := range list {
		if modules[d.Module.Dir] == nil {
			modules[d.Module.Dir] = newModule(d.Module)
		}
		dirs = append(dirs, Dir{d.Name, modules[d.Module.Dir], convertErrors(d.Errors)})
	}
	return dirs, nil
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func convertError(err error) error {
	var list load.Errors
	if errors.As(err, &list) {
		return convertErrors(list).Sorted()
	}
	return err
}

func convertErrors(list load.Errors) ErrorList {
	out := make(ErrorList, len(list))
	for i, e := range list {
		out[i] = Error(e)
	}
	return out
}

// A File is one file of the output.
type File struct {
	Name   string // absolute
	Module *Module
	Old    []byte // nil where the file is new: the bundled runtime
	New    []byte // nil where the file is to be removed, which Rewrite never asks for
	Lines  []Line // with Options.Origins: what each line of New was made for
}

// A Result is what Rewrite returns.
type Result struct {
	Files   []File // only those that differ from the input, sorted by Name
	Report  Report
	Sources []string // absolute names of the Go files of the packages without errors, sorted
	Left    []Left   // sorted by Path
}

// A Left package is one that does not type-check, and so is left as it is with
// its defer statements. One without any is left, too, but not told of unless its
// syntax is wrong.
type Left struct {
	Path   string
	Defers int
	Errors ErrorList
}

// Errors returns all complaints about packages that are left as they are.
func (r *Result) Errors() (errs ErrorList) {
	for _, l := range r.Left {
		errs = append(errs, l.Errors...)
	}
	return errs.Sorted()
}

// Rewrite parses and type-checks the packages of prog, and lowers every defer
// statement of those that have no errors: the result says which are left. It
// writes nothing. Its error is an ErrorList for Options.NoHeap, where it comes
// with the result nevertheless, and for a promise to the tool that is not one; or
// a *BugError where the output would not type-check.
//
// No more packages are in memory at a time than GOMAXPROCS says. A package
// waits for those that it imports: what was proved of their functions counts.
func Rewrite(ctx context.Context, prog *Program, opts Options) (*Result, error) {
	r := &rewriter{
		prog: prog, opts: opts,
		facts: facts.NewMemory(&facts.Source{
			Fset: prog.loaded.Fset, Files: prog.loaded.FilesOf, Read: prog.loaded.Source.Read,
		}),
		runtimes: map[*Module]*lowering.Runtime{},
		done:     map[*load.Listed]chan struct{}{},
	}
	for _, m := range prog.Modules {
		r.runtimes[m] = newRuntime(m, prog.loaded.Source)
	}
	results := make([]packageResult, len(prog.loaded.Packages))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, l := range prog.loaded.Packages {
		r.done[l] = make(chan struct{})
	}
	tell := counter(opts.Progress, len(results))
	for i, l := range prog.loaded.Packages {
		g.Go(func() error {
			defer tell()
			defer close(r.done[l])
			results[i] = r.rewritePackage(ctx, l)
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return r.merge(results)
}

// counter returns what is to be called when one of all is done.
func counter(tell func(done, all int), all int) func() {
	if tell == nil {
		return func() {}
	}
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		tell(done, all)
	}
}
