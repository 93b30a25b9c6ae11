package generate

import (
	"context"
	"errors"
	"fmt"
	"go/build/constraint"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/internal/tinygo"
	"github.com/dedefer/dedefer/rewrite"
)

// A Config says what to generate.
type Config struct {
	Tag     string
	Boards  []tinygo.Target // what files are lowered for, where one of them has them
	Unwind  rewrite.Unwind
	Keep    bool // as for rewrite.Options
	NoHeap  bool
	Version string // of dedefer
	Rewrite func(context.Context, *rewrite.Program, rewrite.Options) (*rewrite.Result, error)
	Stage   func(string)                     // told what is being done
	Counts  func(string) func(done, all int) // the same for what is done package by package
}

// A Change is a file to write, or to remove.
type Change struct {
	rewrite.File
	Why string // what is wrong with it as it is
}

// A Result is what there is to do.
type Result struct {
	Changes []Change          // sorted by name
	Notes   rewrite.ErrorList // what a user should know although nothing is wrong
	Losses  []rewrite.Loss    // in files that were asked for, sorted by position

	Functions []*rewrite.Function // those with a defer statement in files that were asked for, as siblings have them

	Left rewrite.ErrorList // why packages of the present build stay as they are, with their defer statements
	Kept rewrite.ErrorList // with Unwind None: why files for the tag alone keep native defer statements
}

// A generator is one run.
type generator struct {
	Config
	builds  *builds
	tree    *tree
	present target // the present build with the tag, or the nearest that has it
	dirs    []*directory
	named   map[string]bool // the files that were asked for; nil: all
	progs   []*rewrite.Program
	changes map[string]Change
	notes   rewrite.ErrorList
	losses  []rewrite.Loss
	funcs   []*rewrite.Function
	left    rewrite.ErrorList
	kept    rewrite.ErrorList

	boardErrs rewrite.ErrorList // what is wrong with packages in builds for boards
}

// A directory holds a package.
type directory struct {
	rewrite.Dir
	sources   []*source
	plusBuild bool // lines of the old form are needed, too
	unparsed  bool // a file in it is not Go
}

// A source is a file with a defer statement, or one that had one.
type source struct {
	name   string
	dir    *directory
	disk   []byte
	parsed *sibling.Source
	old    []string // siblings that are there
	defers bool

	wanted  bool   // a build has its sibling
	onBoard bool   // one for a board has
	target  target // the one it is lowered for
	covered bool   // by a load
	kept    bool   // by no load: all stays as it is
	lowered []byte // nil where that changes nothing
}

// file is the sibling's part in builds.
func (s *source) file(x constraint.Expr) file {
	return file{name: filepath.Base(s.name), constraint: x, cgo: s.parsed.Cgo}
}

// Run finds out what is to be done for args, packages or files. It writes
// nothing.
func Run(ctx context.Context, cfg Config, args []string) (*Result, error) {
	g := &generator{Config: cfg, changes: map[string]Change{}}
	g.Stage("loading")
	var err error
	if g.builds, err = presentBuild(ctx); err != nil {
		return nil, err
	}
	if err := g.checkTag(ctx); err != nil {
		return nil, err
	}
	if g.tree, err = scan(ctx, cfg.Tag, g.builds); err != nil {
		return nil, err
	}
	if err := g.find(ctx, args); err != nil {
		return nil, err
	}
	if err := g.lower(ctx); err != nil {
		return nil, err
	}
	if err := g.write(); err != nil {
		return nil, err
	}
	g.runtimes()
	return g.result(), nil
}

// result is what was found.
func (g *generator) result() *Result {
	res := &Result{Notes: g.notes, Losses: g.lost(), Functions: g.funcs, Left: g.left.Sorted(), Kept: g.kept.Sorted()}
	for _, name := range slices.Sorted(maps.Keys(g.changes)) {
		res.Changes = append(res.Changes, g.changes[name])
	}
	return res
}

// checkTag finds the present build with the tag, and a tag that is none, or that
// is not for anybody to set.
func (g *generator) checkTag(ctx context.Context) error {
	x, err := constraint.Parse("//go:build " + g.Tag)
	tag, ok := x.(*constraint.TagExpr)
	if err != nil || !ok || tag.Tag != g.Tag {
		return &rewrite.UsageError{Msg: fmt.Sprintf("-tag %s: not a build tag", g.Tag)}
	}
	if what := meaning(g.Tag); what != "" {
		return &rewrite.UsageError{Msg: fmt.Sprintf("-tag %s: that is %s to the go command, and builds with it differ in more than the files that are rewritten: choose a word of your own, such as dedefer or lowered", g.Tag, what)}
	}
	for _, x := range []constraint.Expr{&constraint.NotExpr{X: x}, x} {
		if g.present, ok, err = g.builds.nearest(ctx, file{name: "p.go", constraint: x}); err != nil {
			return err
		}
		if !ok {
			return &rewrite.UsageError{Msg: fmt.Sprintf("-tag %s: builds cannot differ in this tag: choose another", g.Tag)}
		}
	}
	return nil
}

// find finds the directories of args, and what is in them.
func (g *generator) find(ctx context.Context, args []string) error {
	patterns, err := g.patterns(args)
	if err != nil {
		return err
	}
	dirs, err := rewrite.Dirs(ctx, rewrite.Options{Overlay: g.tree.overlay}, patterns...)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if g.tree.dirs[d.Name] == nil { // one that only its name leads to
			g.tree.addDir(d.Name)
			g.tree.unmarked(g.Tag)
		}
		dir := &directory{Dir: d, plusBuild: olderThan118(d.Module.GoVersion)}
		if err := g.readDir(dir); err != nil {
			return err
		}
		if dir.unparsed && len(dir.sources) == 0 { // else it is told when they are lowered
			g.left = append(g.left, d.Errors...)
		}
		g.dirs = append(g.dirs, dir)
	}
	for _, name := range slices.Sorted(maps.Keys(g.named)) {
		if !slices.Contains(g.tree.dirs[filepath.Dir(name)], name) {
			return &rewrite.UsageError{Msg: fmt.Sprintf("%s is in no package: the go command leaves out files with such names", name)}
		}
	}
	return nil
}

// patterns returns args, or the directories of the files in args.
func (g *generator) patterns(args []string) ([]string, error) {
	isFile := func(arg string) bool { // as for the go command
		info, err := os.Stat(arg)
		return strings.HasSuffix(arg, ".go") && err == nil && !info.IsDir()
	}
	if !slices.ContainsFunc(args, isFile) {
		return args, nil
	}
	g.named = map[string]bool{}
	var dirs []string
	for _, arg := range args {
		if !isFile(arg) {
			return nil, &rewrite.UsageError{Msg: fmt.Sprintf("%s is not a Go file, but %s is: name files or packages, not both", arg, args[slices.IndexFunc(args, isFile)])}
		}
		src, err := os.ReadFile(arg)
		if err != nil {
			return nil, &rewrite.UsageError{Msg: err.Error()}
		}
		if from, ok := sibling.From(src); ok {
			return nil, &rewrite.UsageError{Msg: fmt.Sprintf("%s is written by dedefer: name %s, which it comes from", arg, from)}
		}
		dir, err := filepath.Abs(filepath.Dir(arg))
		if err != nil {
			return nil, err
		}
		g.named[filepath.Join(dir, filepath.Base(arg))] = true
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}

// readDir finds the sources of a directory.
func (g *generator) readDir(dir *directory) error {
	siblings := map[string][]string{} // by the name of the source
	for _, name := range g.tree.dirs[dir.Name] {
		if from, ok := g.tree.siblings[name]; ok {
			siblings[from] = append(siblings[from], name)
		}
	}
	for _, name := range g.tree.dirs[dir.Name] {
		if _, ok := g.tree.siblings[name]; ok || g.named != nil && !g.named[name] {
			continue
		}
		s, err := g.readSource(dir, name, siblings[name])
		if err != nil {
			return err
		}
		if s != nil {
			s.dir = dir
			dir.sources = append(dir.sources, s)
		}
		delete(siblings, name)
	}
	if g.named != nil {
		return nil
	}
	for from, names := range siblings {
		for _, name := range names {
			if err := g.remove(dir, name, fmt.Sprintf("%s is gone", filepath.Base(from))); err != nil {
				return err
			}
		}
	}
	return nil
}

// readSource reads a file. It returns nil for one that has no part in this.
func (g *generator) readSource(dir *directory, name string, siblings []string) (*source, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	tag := ""
	if len(siblings) > 0 {
		tag = g.Tag
	}
	parsed, err := sibling.ParseSource(filepath.Base(name), src, tag)
	if err != nil {
		if len(siblings) == 0 {
			dir.unparsed = true // perhaps it is not meant to be Go
			return nil, nil
		}
		var list scanner.ErrorList
		if !errors.As(err, &list) {
			return nil, err
		}
		var errs rewrite.ErrorList
		for _, e := range list {
			e.Pos.Filename = name
			errs = append(errs, rewrite.Error{Pos: e.Pos, Msg: e.Msg})
		}
		return nil, errs
	}
	s := &source{name: name, disk: src, parsed: parsed, old: siblings, defers: parsed.HasDefer()}
	if !s.defers && !parsed.Ours && len(siblings) == 0 {
		return nil, nil
	}
	return s, nil
}

// olderThan118 reports whether a module with this version may be built with a
// Go that does not know //go:build lines.
func olderThan118(version string) bool {
	var minor int
	if version == "" {
		return true
	}
	_, err := fmt.Sscanf(version, "1.%d", &minor)
	return err == nil && minor < 18
}

func (g *generator) note(pos token.Position, format string, args ...any) {
	g.notes = append(g.notes, rewrite.Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}
