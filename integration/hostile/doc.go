// Package hostile feeds dedefer source that nobody would write: real programs
// with statements, tokens and bytes moved about, and hand-made ones that are
// deep, long, or odd in their encoding, comments, directives and names.
//
// What the go command makes of an input decides what is right. An input that
// does not build has to be refused, with a position, as long as it has a defer
// statement (a package without one is copied as it is); one that builds has to be
// accepted, and its output has to build, be gofmt-clean where the input was, and
// be the same when it is made again. Nothing may crash, end in "this is a bug
// in dedefer", or take longer than a limit.
//
// Many inputs share a module, a package for each, so that the go command is
// asked once for all of them (batch.go). One that is refused must not spoil the
// others. The mutations are drawn from a seed (mutate.go); the seeds are the
// programs of testdata/cases and of GOROOT's test directory (seeds.go). What
// concerns a whole module, or the files themselves, is in testdata/script for
// the command (command_test.go).
package hostile
