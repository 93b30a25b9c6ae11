// Package emit turns lowered declarations into the text of files.
//
// A file is the input's own bytes with the text of each lowered declaration
// in the place of the old one, and imports added where they are needed. What
// is not lowered is never printed again, so it cannot change.
//
// Before a file leaves this package it has been type-checked with the rest of
// its package (check.go).
package emit
