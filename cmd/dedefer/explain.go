package main

import (
	"context"

	"github.com/dedefer/dedefer/internal/explain"
)

func (a *app) explainCommand(ctx context.Context, args []string) error {
	f := newFlags("explain")
	asJSON := f.set.Bool("json", false, "")
	calls := f.set.Bool("v", false, "")
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	if err := f.chdir(); err != nil {
		return err
	}
	opts, err := f.options(ctx)
	if err != nil {
		return err
	}
	opts.Foreign = true
	prog, err := a.loadProgram(ctx, opts, patterns)
	if err != nil {
		return err
	}
	opts.Progress = a.progress.counts("analysing")
	res, err := a.rewriteLoaded(ctx, prog, opts)
	if err != nil {
		return err
	}
	if *asJSON {
		err = explain.JSON(a.stdout, f.unwind, prog.Ignored, &res.Report)
	} else {
		err = explain.Text(a.stdout, &res.Report, explain.Options{Short: short, Calls: *calls})
	}
	if err != nil {
		return err
	}
	return leftBehind(prog, res)
}
