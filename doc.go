// Package dedefer holds what the parts of the tool share: the source of the
// runtime that lowered code calls. The tool is cmd/dedefer, its library is
// rewrite.
package dedefer
