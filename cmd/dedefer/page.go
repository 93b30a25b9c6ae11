package main

import (
	"bytes"
	"context"
	"os"

	"github.com/dedefer/dedefer/internal/output"
	"github.com/dedefer/dedefer/internal/report"
	"github.com/dedefer/dedefer/internal/report/view"
	"github.com/dedefer/dedefer/rewrite"
)

func (a *app) reportCommand(ctx context.Context, args []string) error {
	f := newFlags("report")
	out := f.Set.String("o", "", "")
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	if *out == "" {
		return usageErrorf("report writes a page: name it with -o FILE.html")
	}
	if err := f.chdir(); err != nil {
		return err
	}
	page, left, err := a.page(ctx, f, patterns)
	if err != nil {
		return err
	}
	a.progress.stage("writing")
	var b bytes.Buffer
	if err := report.Write(&b, page); err != nil {
		return err
	}
	if err := output.WriteFile(*out, b.Bytes()); err != nil {
		return err
	}
	return left
}

// page rewrites packages, and writes none, for a page about them. left is the error
// for those that are not in it.
func (a *app) page(ctx context.Context, f *loadFlags, patterns []string) (page *report.Page, left, err error) {
	opts, err := f.options(ctx)
	if err != nil {
		return nil, nil, err
	}
	opts.Foreign, opts.Origins = true, true
	a.piped = false // only "-" is standard input here
	j, err := a.load(ctx, &opts, patterns)
	if err != nil {
		return nil, nil, err
	}
	a.progress.stage("rewriting")
	if err := a.rewriteJob(ctx, j, opts); err != nil {
		return nil, nil, err
	}
	page = &report.Page{Unwind: f.unwind, Report: &j.res.Report}
	if modules := j.progs[0].Modules; len(modules) > 0 {
		page.Dir, page.Title = modules[0].Dir, modules[0].Path
	}
	page.Files, err = viewed(j.res)
	return page, leftBehind(j), err
}

// viewed returns the files that have a defer statement, also those that stay as they
// are.
func viewed(res *rewrite.Result) (files []view.File, err error) {
	changed := map[string]rewrite.File{}
	for _, f := range res.Files {
		changed[f.Name] = f
	}
	seen := map[string]bool{}
	for _, fn := range res.Report.Functions {
		name := fn.Pos.Filename
		if seen[name] {
			continue
		}
		seen[name] = true
		f := view.File{Name: name, Old: changed[name].Old, New: changed[name].New, Lines: changed[name].Lines}
		if f.New == nil {
			if f.Old, err = os.ReadFile(name); err != nil {
				return nil, err
			}
		}
		files = append(files, f)
	}
	return files, nil
}
