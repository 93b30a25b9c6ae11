package main

import (
	"bytes"
	"context"
	"strings"

	"github.com/dedefer/dedefer/internal/generate"
	"github.com/dedefer/dedefer/internal/output"
	"github.com/dedefer/dedefer/internal/tinygo"
	"github.com/dedefer/dedefer/rewrite"
)

type generateFlags struct {
	*modeFlags
	tag         string
	target      string
	check       bool
	heapIsError bool
}

func newGenerateFlags() *generateFlags {
	f := &generateFlags{modeFlags: newModeFlags("generate")}
	f.set.StringVar(&f.tag, "tag", "dedefer", "")
	f.set.StringVar(&f.target, "target", "", "")
	f.set.BoolVar(&f.check, "check", false, "")
	f.heapVar(&f.heapIsError)
	f.strictVar()
	return f
}

func (a *app) generateCommand(ctx context.Context, args []string) error {
	f := newGenerateFlags()
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	boards, err := f.boards(ctx)
	if err != nil {
		return err
	}
	res, err := generate.Run(ctx, generate.Config{
		Tag:     f.tag,
		Boards:  boards,
		Unwind:  f.unwind,
		NoHeap:  f.heapIsError,
		Version: version(),
		Rewrite: a.rewrite,
		Stage:   a.progress.stage,
	}, patterns)
	if err != nil {
		return err
	}
	if !f.check && !f.strict {
		settle(res.Losses, res.Changes)
	}
	if err := a.warn(res.Losses, f.strict); err != nil {
		return err
	}
	if len(res.Kept) > 0 && (f.strict || f.check) {
		return append(res.Kept, res.Left...)
	}
	a.printErrors(warnings(res.Kept))
	a.printErrors(res.Notes)
	if f.check {
		return someErrors(append(stale(res.Changes), res.Left...))
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

// stale is what -check finds.
func stale(changes []generate.Change) (errs rewrite.ErrorList) {
	for _, c := range changes {
		e := rewrite.Error{Msg: "stale: " + c.Why}
		e.Pos.Filename = c.Name
		errs = append(errs, e)
	}
	return errs
}
