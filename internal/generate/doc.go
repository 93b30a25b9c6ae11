// Package generate is the go generate step: it decides which files a module
// gets beside its own, so that one tag makes every build of it a lowered one.
// What such files look like is known to package sibling; what is in them comes
// from package rewrite.
//
// # What is seen
//
// The modules are scanned for what earlier runs wrote, and everything is loaded
// under an overlay that undoes it (scan.go). So the result does not depend on
// what is there already, nor on the tags that are set, and running it again
// changes nothing.
//
// # Builds
//
// A file is lowered as it is seen by a build that has its sibling: the nearest
// to the present GOOS, GOARCH and tags that meets the file's constraint and has
// the tag (build.go). Most files meet at the present one; a file for Windows, or
// for a tag, takes a load of its own, together with all others that this build
// has. A file that no build with the tag has ("//go:build !tinygo" for -tag
// tinygo, "//go:build ignore") needs no sibling.
//
// The builds for TinyGo's targets come first, where there are any: their GOROOT has
// packages that the go command's does not. A file is lowered for the first that
// has it and type-checks, and held to what the others would make of it.
//
// With the tag, a package may not type-check with the go command: it may import
// what only TinyGo has. Then it is lowered as without the tag, which is said. A
// file of another build that does not type-check there either way keeps the
// sibling it has, which is said, too: as an error for what the present build has,
// or where a file that only the tag builds keeps a native defer with Unwind None
// and nobody may overlook it.
//
// One sibling serves all builds. Where two of those that were loaded would have
// different ones, that is said.
//
// # Order
//
// Variables are initialised, and init functions run, in the order of the names
// of their files, and x_dedefer.go may sort elsewhere than x.go: behind x_a.go,
// say. All siblings of such a package get names of the form x.dedefer.go, which
// sort as x.go does; the package is initialised as before. Where even that does
// not help, it is an error.
//
// # The bundled runtime
//
// It is kept in step with all files of the module that import it, also those of
// packages that are not asked for.
package generate
