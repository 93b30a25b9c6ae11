package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dedefer/dedefer/rewrite"
)

const issues = "https://github.com/dedefer/dedefer/issues"

// report prints what went wrong, if anything did, and returns the exit code.
func (a *app) report(ctx context.Context, err error) int {
	var (
		list  rewrite.ErrorList
		usage *rewrite.UsageError
		bug   *rewrite.BugError
	)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		// Whatever failed did so because of the signal.
		fmt.Fprintln(a.stderr, "dedefer: interrupted: nothing was written")
	case errors.As(err, &list):
		a.printErrors(list)
	case errors.As(err, &usage):
		fmt.Fprintf(a.stderr, "dedefer: %s\n", usage.Msg)
		return 2
	case errors.As(err, &bug):
		a.reportBug(bug)
	default:
		fmt.Fprintf(a.stderr, "dedefer: %v\n", err)
	}
	return 1
}

func (a *app) printErrors(list rewrite.ErrorList) {
	a.progress.hide()
	for _, e := range list {
		e.Pos.Filename = short(e.Pos.Filename)
		fmt.Fprintln(a.stderr, e)
	}
}

// warn prints what -unwind=none changes, or returns it as an error.
func (a *app) warn(losses []rewrite.Loss, strict bool) error {
	var list rewrite.ErrorList
	for _, l := range losses {
		e := rewrite.Error{Pos: l.Pos, Msg: l.What}
		if !strict {
			e.Msg = "warning: " + e.Msg
		}
		list = append(list, e)
	}
	if strict && len(list) > 0 {
		return list
	}
	a.printErrors(list)
	return nil
}

func (a *app) reportBug(bug *rewrite.BugError) {
	pos := bug.Pos
	pos.Filename = short(pos.Filename)
	fmt.Fprintf(a.stderr, "%s: this is a bug in dedefer, please report it: rewriting %s failed: %v\n"+
		"Nothing was written. Please report this at %s\n"+
		"with the text above, the source of %s, and this (`dedefer version`):\n"+
		"\t%s\n",
		pos, bug.Function, bug.Err, issues, bug.Function, versionLine())
}
