// Package sibling knows the files that dedefer generate writes beside those
// they come from: what they are called, by which build constraints just one of
// the two is built, and how both look. It reads and writes nothing.
//
// # Names
//
// The sibling of x.go is x_dedefer.go. What the go command reads from the end
// of a name stays at the end: x_linux_amd64_test.go has the sibling
// x_dedefer_linux_amd64_test.go. Linux.go, which has no constraint, has
// linux_dedefer.go, which has none either.
//
// Go initialises a package in the order of its files, which is that of their
// names. The other form of a name, x.dedefer.go, sorts like x.go itself; it is
// for packages where the place of a file matters. Go reads constraints from
// what is before the first dot, so x_linux.dedefer.go still has its own.
//
// # Constraints
//
// With C for the constraint that x.go has from its author, and -tag T:
//
//	x.go           C && !T
//	x_dedefer.go   C && T
//
// A line //dedefer:tag T stands above the line in x.go. It tells that the !T is
// not the author's: a file that is not for T by itself has no sibling, and a
// sibling that was removed by hand has to come back. It is a line of its own,
// above, because a //go:build line holds nothing else and gofmt leaves an empty
// line behind it.
//
// Modules below go 1.18 may be built with a Go that reads // +build lines only,
// so there both files have these too, with the same meaning. Elsewhere go vet
// does not want them, and they go when the //go:build line comes.
package sibling
