package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/dedefer/dedefer/internal/output"
	"github.com/dedefer/dedefer/rewrite"
)

type rewriteFlags struct {
	*loadFlags
	out         string
	goroot      string
	deps        bool
	write       bool
	diff        bool
	list        bool
	force       bool
	lines       bool
	verbose     bool
	heapIsError bool
}

func newRewriteFlags() *rewriteFlags {
	f := &rewriteFlags{loadFlags: newFlags("rewrite")}
	f.set.StringVar(&f.out, "o", "", "")
	f.set.StringVar(&f.goroot, "goroot", "", "")
	f.set.BoolVar(&f.deps, "deps", false, "")
	f.set.BoolVar(&f.write, "w", false, "")
	f.set.BoolVar(&f.diff, "d", false, "")
	f.set.BoolVar(&f.list, "l", false, "")
	f.set.BoolVar(&f.force, "f", false, "")
	f.set.BoolVar(&f.verbose, "v", false, "")
	f.set.BoolVar(&f.lines, "lines", false, "")
	f.heapVar(&f.heapIsError)
	f.strictVar()
	return f
}

// check finds flags that contradict one another.
func (f *rewriteFlags) check() error {
	copies := f.given("o")
	if copies && f.out == "" {
		return usageErrorf("-o needs the name of a directory")
	}
	var modes []string
	for _, m := range []struct {
		flag string
		on   bool
	}{{"-o", copies}, {"-goroot", f.goroot != ""}, {"-w", f.write}, {"-d", f.diff}, {"-l", f.list}} {
		if m.on {
			modes = append(modes, m.flag)
		}
	}
	if len(modes) > 1 {
		return usageErrorf("%s contradict each other: use one of -o, -w, -d and -l", strings.Join(modes, " and "))
	}
	if f.force && !copies {
		return usageErrorf("-f without -o: it is for -o DIR, where DIR is not empty")
	}
	if f.deps && !copies {
		return usageErrorf("-deps without -o: dependencies are rewritten in a copy only, -o DIR")
	}
	return nil
}

func (a *app) rewriteCommand(ctx context.Context, args []string) error {
	f := newRewriteFlags()
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	if err := f.chdir(); err != nil {
		return err
	}
	for flag, dir := range map[string]string{"-o": f.out, "-goroot": f.goroot} {
		if dir == "" {
			continue
		}
		// Known before the work is done, and said again when it is.
		if err := output.CheckDir(flag, dir, f.force); err != nil {
			return err
		}
	}
	opts, err := f.options(ctx)
	if err != nil {
		return err
	}
	opts.Lines, opts.NoHeap = f.lines, f.heapIsError
	if f.goroot != "" {
		return a.writeGoroot(ctx, f, opts, patterns)
	}
	prog, err := a.loadProgram(ctx, opts, patterns)
	if err != nil {
		return err
	}
	if err := f.checkProgram(prog); err != nil {
		return err
	}
	opts.Progress = a.progress.counts("rewriting")
	res, err := a.rewriteLoaded(ctx, prog, opts)
	if err != nil {
		return err
	}
	if err := a.warn(res.Report.Losses, f.strict, f.verbose); err != nil {
		return err
	}
	if f.prints() && len(res.Left) > 0 {
		return res.Errors()
	}
	if err := a.deliver(ctx, f, opts, patterns, prog, res); err != nil {
		return err
	}
	return leftBehind(prog, res)
}

// prints reports whether the result is printed, in full.
func (f *rewriteFlags) prints() bool {
	return f.out == "" && f.goroot == "" && !f.write && !f.diff && !f.list
}

// loadProgram finds what the patterns match.
func (a *app) loadProgram(ctx context.Context, opts rewrite.Options, patterns []string) (*rewrite.Program, error) {
	a.progress.stage("loading")
	return rewrite.Load(ctx, opts, patterns...)
}

// rewriteLoaded rewrites prog, and tells what that leaves out.
func (a *app) rewriteLoaded(ctx context.Context, prog *rewrite.Program, opts rewrite.Options) (*rewrite.Result, error) {
	res, err := a.rewrite(ctx, prog, opts)
	if res == nil {
		return nil, err
	}
	for _, ig := range prog.Ignored {
		a.progress.hide()
		ig.Pos.Filename = short(ig.Pos.Filename)
		fmt.Fprintf(a.stderr, "%s: defer left as it is: file is excluded by %s\n", ig.Pos, ig.Constraint)
	}
	return res, err
}

// checkProgram finds a program that the way of output cannot hold.
func (f *rewriteFlags) checkProgram(prog *rewrite.Program) error {
	if f.out != "" && len(prog.Modules) != 1 {
		var paths []string
		for _, m := range prog.Modules {
			paths = append(paths, m.Path)
		}
		return usageErrorf("-o copies one module, but the packages belong to %d (%s): rewrite one at a time, each with a DIR of its own", len(paths), strings.Join(paths, ", "))
	}
	if f.prints() && len(prog.Dirs) > 1 {
		return usageErrorf("%d packages match, and only one is printed: use -d for a diff, -l for the names of the files, -w to rewrite in place, or -o DIR for a rewritten copy of the module", len(prog.Dirs))
	}
	return nil
}

func (a *app) deliver(ctx context.Context, f *rewriteFlags, opts rewrite.Options, patterns []string, prog *rewrite.Program, res *rewrite.Result) error {
	switch {
	case f.out != "":
		c := &output.Copy{
			Dir:     f.out,
			Force:   f.force,
			Module:  prog.Modules[0],
			Files:   res.Files,
			Overlay: prog.Overlay,
			Version: version(),
			Note:    a.note,
		}
		if f.deps {
			temp, err := a.vendored(ctx, opts, patterns, c)
			if temp != "" {
				defer os.RemoveAll(temp)
			}
			if err != nil {
				return err
			}
		}
		a.progress.stage("writing")
		return c.Write(ctx)
	case f.write:
		if err := onlyInOverlay(prog, res.Files); err != nil {
			return err
		}
		a.progress.stage("writing")
		return output.InPlace(ctx, res.Files)
	case f.diff:
		return a.printDiffs(res.Files)
	case f.list:
		for _, file := range res.Files {
			fmt.Fprintln(a.stdout, relative(file.Name))
		}
		return nil
	}
	return a.printFiles(prog, res.Files)
}

// onlyInOverlay finds a file that cannot be written in place: what it holds is
// not what was rewritten.
func onlyInOverlay(prog *rewrite.Program, files []rewrite.File) error {
	for _, f := range files {
		if _, ok := prog.Overlay[f.Name]; ok {
			return usageErrorf("%s is not what is built: -overlay=%s (from GOFLAGS) has another text for it; use -o DIR for a copy of the module with that text", short(f.Name), prog.OverlayFile)
		}
	}
	return nil
}

func (a *app) printDiffs(files []rewrite.File) error {
	for _, f := range files {
		name := relative(f.Name)
		old := name + ".orig" // as gofmt -d
		if f.Old == nil {
			old = os.DevNull
		}
		text := diff.Diff(old, f.Old, name, f.New)
		if a.color {
			text = colorDiff(text)
		}
		if _, err := a.stdout.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// printFiles prints the files of prog, changed or not. It leaves out the bundled
// runtime.
func (a *app) printFiles(prog *rewrite.Program, changed []rewrite.File) error {
	names := prog.Files
	text := make(map[string][]byte)
	for _, f := range changed {
		text[f.Name] = f.New
	}
	for _, name := range names {
		data, ok := text[name]
		if !ok {
			var err error
			if data, err = prog.Read(name); err != nil {
				return err
			}
		}
		if len(names) > 1 {
			fmt.Fprintf(a.stdout, "-- %s --\n", relative(name))
			if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
				data = append(bytes.Clone(data), '\n')
			}
		}
		if _, err := a.stdout.Write(data); err != nil {
			return err
		}
	}
	return nil
}
