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
		left  *leftError
		usage *rewrite.UsageError
		bug   *rewrite.BugError
		exit  exitError
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil:
		// Whatever failed did so because of the signal.
		fmt.Fprintln(a.stderr, "dedefer: interrupted: nothing was written")
	case errors.As(err, &list):
		a.printErrors(list)
	case errors.As(err, &left):
		a.printErrors(left.errs)
		a.note(left.rest)
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

// A leftError says why packages stay as they are, and that others do not.
type leftError struct {
	errs rewrite.ErrorList
	rest string
}

func (e *leftError) Error() string { return e.errs.Error() + "\n" + e.rest }

// leftBehind is the error of a command that did what it could, for what it
// could not do.
func leftBehind(prog *rewrite.Program, res *rewrite.Result) error {
	if len(res.Left) == 0 || len(prog.Dirs) == 1 {
		return someErrors(res.Errors())
	}
	n := 0
	for _, l := range res.Left {
		n += l.Defers
	}
	what := count(len(res.Left), "package")
	if n > 0 {
		what = count(n, "defer statement") + " of " + what
	}
	return &leftError{res.Errors(), "left as it is, for these errors: " + what + "; all else is done"}
}

// count says how many things there are.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
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
		list = append(list, rewrite.Error{Pos: l.Pos, Msg: l.What.String()})
	}
	if strict {
		return someErrors(list)
	}
	a.printErrors(warnings(list))
	return nil
}

// warnings returns list as what is no error.
func warnings(list rewrite.ErrorList) (out rewrite.ErrorList) {
	for _, e := range list {
		e.Msg = "warning: " + e.Msg
		out = append(out, e)
	}
	return out
}

// someErrors returns list as an error, if it has any.
func someErrors(list rewrite.ErrorList) error {
	if len(list) == 0 {
		return nil
	}
	return list
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
