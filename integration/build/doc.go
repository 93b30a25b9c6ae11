// Package build tests dedefer build and its like: whole programs, whose packages
// are lowered on their way to the compiler. What the go command makes of the same
// packages decides what they have to do.
package build
