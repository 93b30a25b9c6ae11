// Package load finds, parses and type-checks the packages to rewrite.
//
// Load asks go/packages, so patterns, modules, workspaces, vendoring, build tags
// and overlays mean what they mean to the go command. It only lists. Each package
// is then parsed and type-checked on its own (open.go), against the export data
// that the go command keeps of what it imports (exports.go): so no more of a
// module has to be in memory than what is being worked on. Where the go
// command could not compile an import, the types that its source declares stand
// in, as in go/packages: what is wrong with another package matters only if that
// is to be rewritten, too.
//
// Three things are done on top:
//
//   - A package and its test variant hold the same files; only the larger of
//     the two is kept, so that each file is analysed once.
//   - Files that import "C" are type-checked as they were written, not as cgo
//     translates them (see cgo.go), because it is the original that is rewritten.
//   - Files that the configuration leaves out are scanned for defer statements,
//     so that the user can be told (see ignored.go).
//
// Packages are listed behind those that they import. A package stands there with
// its tests, and these may import what the tests of another package make import
// them: then the package comes twice, early without its tests.
package load
