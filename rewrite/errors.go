package rewrite

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// An Error is one complaint about the input.
type Error struct {
	Pos token.Position // may be without a file name, for errors about a package
	Msg string
}

func (e Error) Error() string {
	if e.Pos.Filename == "" && !e.Pos.IsValid() {
		return e.Msg
	}
	return fmt.Sprintf("%s: %s", e.Pos, e.Msg)
}

// An ErrorList holds all complaints about the input, sorted by position.
type ErrorList []Error

func (l ErrorList) Error() string {
	msgs := make([]string, len(l))
	for i, e := range l {
		msgs[i] = e.Error()
	}
	return strings.Join(msgs, "\n")
}

// sorted returns l in order, each complaint once.
func (l ErrorList) sorted() ErrorList {
	slices.SortFunc(l, func(a, b Error) int { return cmp.Or(comparePos(a.Pos, b.Pos), cmp.Compare(a.Msg, b.Msg)) })
	return slices.Compact(l)
}

// A UsageError says that the request itself cannot be met, and what to do.
type UsageError struct{ Msg string }

func (e *UsageError) Error() string { return e.Msg }

// A BugError says that the output would not have type-checked. Nothing is to
// be written then.
type BugError struct {
	Pos      token.Position // of the site or function in the input
	Function string
	Err      error // what the type checker said of the output
}

func (e *BugError) Error() string {
	return fmt.Sprintf("%s: bug in dedefer: the lowering of %s does not type-check: %v", e.Pos, e.Function, e.Err)
}

func (e *BugError) Unwrap() error { return e.Err }
