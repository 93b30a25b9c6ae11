// Package usage has the error of a request that cannot be met, a wrong flag perhaps. It
// imports next to nothing: some commands end before the rest of the program is initialised.
package usage

import "fmt"

// An Error says that the request cannot be met, and what to do.
type Error struct{ Msg string }

func (e *Error) Error() string { return e.Msg }

// Errorf returns an *Error.
func Errorf(format string, args ...any) error { return &Error{Msg: fmt.Sprintf(format, args...)} }
