// Package dedefer holds what the parts of the tool share: the source of the
// runtime that lowered code calls. The tool is cmd/dedefer, its library is
// rewrite.
//
// The tests of the runtime compare it with native Go in some hundred thousand
// scenarios; go test ./runtime -long -timeout 1h, in some millions.
package dedefer
