package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/dedefer/dedefer/internal/generate"
	"github.com/dedefer/dedefer/internal/output"
	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/internal/tinygo"
	"github.com/dedefer/dedefer/rewrite"
)

type generateFlags struct {
	*modeFlags
	tag         string
	target      string
	check       bool
	undo        bool
	verbose     bool
	heapIsError bool
}

func newGenerateFlags() *generateFlags {
	f := &generateFlags{modeFlags: newModeFlags("generate")}
	f.Set.StringVar(&f.tag, "tag", "dedefer", "")
	f.Set.StringVar(&f.target, "target", "", "")
	f.Set.BoolVar(&f.check, "check", false, "")
	f.Set.BoolVar(&f.undo, "undo", false, "")
	f.Set.BoolVar(&f.verbose, "v", false, "")
	f.heapVar(&f.heapIsError)
	f.StrictVar()
	return f
}

func (a *app) generateCommand(ctx context.Context, args []string) error {
	f := newGenerateFlags()
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	if f.undo && f.check {
		return usageErrorf("-undo and -check contradict each other")
	}
	boards, err := f.boards(ctx)
	if err != nil {
		return err
	}
	run := generate.Run
	if f.undo {
		run = generate.Undo
	}
	res, err := run(ctx, generate.Config{
		Tag:     f.tag,
		Boards:  boards,
		Unwind:  f.unwind,
		Keep:    f.Keep,
		NoHeap:  f.heapIsError,
		Version: version(),
		Rewrite: a.rewrite,
		Stage:   a.progress.stage,
		Counts:  a.progress.counts,
	}, patterns)
	if err != nil {
		return err
	}
	if !f.check && !f.Strict {
		settle(res.Losses, res.Changes)
	}
	if err := a.warn(res.Losses, f.Strict, f.verbose || namesTests(patterns)); err != nil {
		return err
	}
	if f.verbose {
		a.totals(rewrite.Report{Functions: res.Functions, Losses: res.Losses})
	}
	switch {
	case f.check:
		res.Left = append(res.Kept, res.Left...)
	case f.Strict && len(res.Kept) > 0:
		return append(res.Kept, res.Left...)
	default:
		a.printErrors(warnings(res.Kept))
	}
	a.printErrors(res.Notes)
	if f.check {
		return a.checkStale(res, f.verbose)
	}
	a.progress.stage("writing")
	var files []rewrite.File
	for _, c := range res.Changes {
		files = append(files, c.File)
	}
	if err := output.InPlace(ctx, files); err != nil {
		return err
	}
	return someErrors(res.Left)
}

// namesTests reports whether test files are asked for by name.
func namesTests(patterns []string) bool { return slices.ContainsFunc(patterns, sibling.IsTest) }

// boards looks up what -target names. TinyGo sets the tag tinygo: without -tag, it
// is what tells siblings from their sources.
func (f *generateFlags) boards(ctx context.Context) (list []tinygo.Target, err error) {
	if !f.given("target") {
		return nil, nil
	}
	if !f.given("tag") {
		f.tag = "tinygo"
	}
	for name := range strings.SplitSeq(f.target, ",") {
		t, err := lookupTarget(ctx, name)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// settle gives losses the lines that they have when the heads of their files are
// written.
func settle(losses []rewrite.Loss, changes []generate.Change) {
	more := map[string]int{}
	for _, c := range changes {
		more[c.Name] = bytes.Count(c.New, []byte("\n")) - bytes.Count(c.Old, []byte("\n"))
	}
	for i := range losses {
		losses[i].Pos.Line += more[losses[i].Pos.Filename]
	}
}

// checkStale is the end of -check: a file that is not as it would be written is an
// error, with a diff of some lines, or of all.
func (a *app) checkStale(res *generate.Result, all bool) error {
	var errs rewrite.ErrorList
	for _, c := range res.Changes {
		e := rewrite.Error{Msg: "stale: " + c.Why}
		e.Pos.Filename = c.Name
		errs = append(errs, e)
		if err := a.printStale(c, all); err != nil {
			return err
		}
	}
	errs = append(errs, res.Left...)
	if len(res.Changes) == 0 {
		return someErrors(errs)
	}
	return &notedErrors{errs, count(len(res.Changes), "stale file") + ": run go generate"}
}

// printStale prints how a file would change that is to stay. Of one that is
// missing or to go, there is nothing to see.
func (a *app) printStale(c generate.Change, all bool) error {
	const some = 12
	if c.Old == nil || c.New == nil {
		return nil
	}
	name := relative(c.Name)
	text := diff.Diff(name, c.Old, name+" (go generate)", c.New)
	_, text, _ = bytes.Cut(text, []byte("\n")) // the command
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	more := 0
	if !all && len(lines) > some {
		lines, more = lines[:some], len(lines)-some
	}
	text = append(bytes.TrimSuffix(bytes.Join(lines, nil), []byte("\n")), '\n')
	if a.color {
		text = colorDiff(text)
	}
	if more > 0 {
		text = fmt.Appendf(text, "(%s: -v shows all)\n", count(more, "more line"))
	}
	_, err := a.stdout.Write(text)
	return err
}
