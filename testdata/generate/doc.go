// Package spool appends messages to a file that several programs share.
//
// It shows a go generate step. The files named _dedefer are made from those
// with defer statements and built in their place with -tags dedefer.
package spool

//go:generate go run github.com/dedefer/dedefer/cmd/dedefer@latest generate
