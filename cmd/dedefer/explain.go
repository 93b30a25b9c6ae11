package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	"github.com/dedefer/dedefer/internal/explain"
	"github.com/dedefer/dedefer/rewrite"
)

func (a *app) explainCommand(ctx context.Context, args []string) error {
	f := newFlags("explain")
	asJSON := f.Set.Bool("json", false, "")
	calls := f.Set.Bool("v", false, "")
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
	j, err := a.load(ctx, &opts, patterns)
	if err != nil {
		return err
	}
	opts.Progress = a.progress.counts("analysing")
	if err := a.rewriteJob(ctx, j, opts); err != nil {
		return err
	}
	if err := f.checkFunctions(j); err != nil {
		return err
	}
	if *asJSON {
		err = a.explainJSON(f.unwind, j)
	} else {
		err = explain.Text(a.stdout, &j.res.Report, explain.Options{Short: a.short, Calls: *calls})
	}
	if err != nil {
		return err
	}
	if err := leftBehind(j); err != nil {
		return err
	}
	if !*asJSON && len(j.res.Report.Functions)+len(j.res.Report.Losses) == 0 {
		a.note("nothing to explain: there is no defer statement")
	}
	return nil
}

func (a *app) explainJSON(unwind rewrite.Unwind, j *job) error {
	var ignored []rewrite.Ignored
	for _, prog := range j.progs {
		ignored = append(ignored, prog.Ignored...)
	}
	var doc bytes.Buffer
	if err := explain.JSON(&doc, unwind, ignored, &j.res.Report); err != nil {
		return err
	}
	text := doc.Bytes()
	if a.input != "" {
		name, _ := json.Marshal(a.input) // a string can be marshalled
		text = bytes.ReplaceAll(text, name, strconv.AppendQuote(nil, standardInput))
	}
	_, err := a.stdout.Write(text)
	return err
}
