package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"

	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/rewrite"
)

const issues = "https://github.com/dedefer/dedefer/issues"

// report prints what went wrong, if anything did, and returns the exit code.
func (a *app) report(ctx context.Context, err error) int {
	var (
		list  rewrite.ErrorList
		noted *notedErrors
		usage *rewrite.UsageError
		bug   *rewrite.BugError
		exit  exitError
	)
	switch {
	case err == nil:
		return 0
	case err == errDiffs: // they are printed
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil:
		// Whatever failed did so because of the signal.
		fmt.Fprintln(a.stderr, "dedefer: interrupted: nothing was written")
	case errors.As(err, &list):
		a.printErrors(list)
	case errors.As(err, &noted):
		a.printErrors(noted.errs)
		a.note(noted.note)
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

// errDiffs is the error of -d where there is a difference, as with gofmt.
var errDiffs = errors.New("files would change")

// notedErrors are errors with a line below them that says what they add up to.
type notedErrors struct {
	errs rewrite.ErrorList
	note string
}

func (e *notedErrors) Error() string { return e.errs.Error() + "\n" + e.note }

// leftBehind is the error of a command that did what it could, for what it
// could not do.
func leftBehind(j *job) error {
	res := j.res
	if len(res.Left) == 0 || len(j.dirs()) == 1 && len(res.Sources) == 0 {
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
	return &notedErrors{res.Errors(), "left as it is, for these errors: " + what + "; all else is done"}
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
		e.Pos.Filename = a.short(e.Pos.Filename)
		fmt.Fprintln(a.stderr, e)
	}
}

// warn prints what -unwind=none changes, or returns it as an error. What it
// changes in test files is only counted, unless it is asked for: a test that
// fails or skips ends its goroutine, with calls pending.
func (a *app) warn(losses []rewrite.Loss, strict, verbose bool) error {
	var list rewrite.ErrorList
	tests := 0
	for _, l := range losses {
		if !strict && !verbose && sibling.IsTest(l.Pos.Filename) {
			tests++
			continue
		}
		list = append(list, rewrite.Error{Pos: l.Pos, Msg: l.What.String()})
	}
	if strict {
		return someErrors(list)
	}
	a.printErrors(warnings(list))
	if tests > 0 {
		a.note(fmt.Sprintf("%s of what -unwind=none changes: %d above, %d in test files (-v lists them)", count(len(losses), "warning"), len(list), tests))
	}
	return nil
}

// totals says with -v what became of all defer statements, and how much of it has
// a warning.
func (a *app) totals(rep rewrite.Report) {
	t := rep.Totals()
	tests := 0
	for _, l := range rep.Losses {
		if sibling.IsTest(l.Pos.Filename) {
			tests++
		}
	}
	line := fmt.Sprintf("%s in %s: %d explicit, %d native, %s", count(t.Sites, "defer statement"), count(t.Functions, "function"),
		t.Sites-t.Native, t.Native, count(t.Guards, "guard"))
	if len(rep.Losses) > 0 {
		line += fmt.Sprintf("; %s, %d of them in test files", count(len(rep.Losses), "warning"), tests)
	}
	a.note(line)
}

// strays warns of comments that lost their place.
func (a *app) strays(list []token.Position) {
	var errs rewrite.ErrorList
	for _, pos := range list {
		errs = append(errs, rewrite.Error{Pos: pos, Msg: "this comment has lost its place, and stands at the end of the file"})
	}
	a.printErrors(warnings(errs))
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
	pos.Filename = cmp.Or(a.short(pos.Filename), "dedefer")
	fmt.Fprintf(a.stderr, "%s: this is a bug in dedefer, please report it: rewriting %s failed: %v\n"+
		"Nothing was written. Please report this at %s\n"+
		"with the text above, the source of %s, and this (`dedefer version`):\n"+
		"\t%s\n",
		pos, bug.Function, bug.Err, issues, bug.Function, versionLine())
}
