package lowering

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

// Sorted returns l in order, each complaint once.
func (l ErrorList) Sorted() ErrorList {
	slices.SortFunc(l, func(a, b Error) int { return cmp.Or(ComparePos(a.Pos, b.Pos), cmp.Compare(a.Msg, b.Msg)) })
	return slices.Compact(l)
}

// A BugError says that the output would not have type-checked, or would have
// lacked a comment of the input. Nothing is to be written then.
type BugError struct {
	Pos      token.Position // of the site, comment or function in the input
	Function string
	Err      error // what is wrong with the output
}

func (e *BugError) Error() string {
	return fmt.Sprintf("%s: bug in dedefer: the lowering of %s: %v", e.Pos, e.Function, e.Err)
}

func (e *BugError) Unwrap() error { return e.Err }

// ComparePos compares positions by file, line and column.
func ComparePos(a, b token.Position) int {
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
