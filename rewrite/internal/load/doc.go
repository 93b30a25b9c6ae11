// Package load finds, parses and type-checks the packages to rewrite.
//
// It asks go/packages, so patterns, modules, workspaces, vendoring, build tags
// and overlays mean what they mean to the go command. Three things are done on
// top:
//
//   - A package and its test variant hold the same files; only the larger of
//     the two is kept, so that each file is analysed once.
//   - Files that import "C" are type-checked as they were written, not as cgo
//     translates them (see cgo.go), because it is the original that is rewritten.
//   - Files that the configuration leaves out are scanned for defer statements,
//     so that the user can be told (see ignored.go).
package load
