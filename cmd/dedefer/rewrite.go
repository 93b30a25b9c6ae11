package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

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
	sideBySide  bool
	list        bool
	color       bool
	force       bool
	lines       bool
	verbose     bool
	heapIsError bool
}

func newRewriteFlags() *rewriteFlags {
	f := &rewriteFlags{loadFlags: newFlags("rewrite")}
	f.Set.StringVar(&f.out, "o", "", "")
	f.Set.StringVar(&f.goroot, "goroot", "", "")
	f.Set.BoolVar(&f.deps, "deps", false, "")
	f.Set.BoolVar(&f.write, "w", false, "")
	f.Set.BoolVar(&f.diff, "d", false, "")
	f.Set.BoolVar(&f.sideBySide, "y", false, "")
	f.Set.BoolVar(&f.color, "color", false, "")
	f.Set.BoolVar(&f.list, "l", false, "")
	f.Set.BoolVar(&f.force, "f", false, "")
	f.Set.BoolVar(&f.verbose, "v", false, "")
	f.Set.BoolVar(&f.lines, "lines", false, "")
	f.heapVar(&f.heapIsError)
	f.StrictVar()
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
		return usageErrorf("%s contradict each other: use one of -o, -goroot, -w, -d and -l", strings.Join(modes, " and "))
	}
	if !f.diff && (f.sideBySide || f.given("color")) {
		return usageErrorf("-y and -color without -d: they are for diffs")
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
	if f.given("color") {
		a.color = f.color
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
	if !f.prints() && !f.diff {
		a.piped = false // there is nothing to say of it
	}
	j, err := a.load(ctx, &opts, patterns)
	if err != nil {
		return err
	}
	if err := a.checkJob(f, j); err != nil {
		return err
	}
	opts.Progress = a.progress.counts("rewriting")
	if err := a.rewriteJob(ctx, j, opts); err != nil {
		return err
	}
	if err := f.checkFunctions(j); err != nil {
		return err
	}
	a.strays(j.res.Report.Strays)
	if err := a.warn(j.res.Report.Losses, f.Strict, f.verbose); err != nil {
		return err
	}
	if f.verbose {
		a.totals(j.res.Report)
	}
	if len(j.res.Left) > 0 && (f.prints() || len(j.res.Files) == 0) {
		return j.res.Errors() // there is nothing that could be done
	}
	err = a.deliver(ctx, f, opts, patterns, j)
	if err != nil && err != errDiffs {
		return err
	}
	return cmp.Or(leftBehind(j), err)
}

// prints reports whether the result is printed, in full.
func (f *rewriteFlags) prints() bool {
	return f.out == "" && f.goroot == "" && !f.write && !f.diff && !f.list
}

// checkJob finds what the way of output cannot hold.
func (a *app) checkJob(f *rewriteFlags, j *job) error {
	var paths []string
	for _, p := range j.progs {
		for _, m := range p.Modules {
			paths = append(paths, m.Path)
		}
	}
	switch {
	case a.input != "" && (f.out != "" || f.write):
		return usageErrorf("standard input cannot be written back: leave out -o and -w, and redirect standard output")
	case f.out != "" && len(paths) != 1:
		return usageErrorf("-o copies one module, but the packages belong to %d (%s): rewrite one at a time, each with a DIR of its own", len(paths), strings.Join(paths, ", "))
	case f.out != "" && j.progs[0].Modules[0].GoMod == "":
		return usageErrorf("-o copies a module, and %s is in none: use -w to rewrite it in place, or redirect standard output", a.short(j.named()[0]))
	case f.prints() && f.funcs == nil && j.named() == nil && len(j.dirs()) > 1:
		return usageErrorf("%d packages match, and only one is printed: use -d for a diff, -l for the names of the files, -w to rewrite in place, or -o DIR for a rewritten copy of the module", len(j.dirs()))
	}
	return nil
}

func (a *app) deliver(ctx context.Context, f *rewriteFlags, opts rewrite.Options, patterns []string, j *job) error {
	files := j.res.Files
	switch {
	case f.out != "":
		prog := j.progs[0]
		c := &output.Copy{
			Dir:     f.out,
			Force:   f.force,
			Module:  prog.Modules[0],
			Files:   files,
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
		if err := a.onlyInOverlay(j.progs[0], files); err != nil {
			return err
		}
		a.progress.stage("writing")
		return output.InPlace(ctx, files)
	case f.diff:
		if f.funcs != nil {
			files = j.sources()
		}
		return a.printDiffs(files, f.sideBySide)
	case f.list:
		for _, file := range files {
			fmt.Fprintln(a.stdout, a.relative(file.Name))
		}
		return nil
	case f.funcs != nil:
		return a.printFunctions(j, f.funcs)
	}
	return a.printFiles(j)
}

// onlyInOverlay finds a file that cannot be written in place: what it holds is
// not what was rewritten.
func (a *app) onlyInOverlay(prog *rewrite.Program, files []rewrite.File) error {
	for _, f := range files {
		if _, ok := prog.Overlay[f.Name]; ok {
			return usageErrorf("%s is not what is built: -overlay=%s (from GOFLAGS) has another text for it; use -o DIR for a copy of the module with that text", a.short(f.Name), prog.OverlayFile)
		}
	}
	return nil
}
