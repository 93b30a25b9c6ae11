package sibling

import (
	"go/build"
	"io"
	"slices"
	"strings"
)

// A Naming is a form of names.
type Naming int

const (
	Plain   Naming = iota // x_dedefer.go
	Ordered               // x.dedefer.go, which sorts like x.go
)

// Name returns the name of the sibling of source, both without a directory.
func (n Naming) Name(source string) string {
	if n == Ordered {
		stem := strings.TrimSuffix(source, ".go")
		if IsTest(source) {
			return stem + ".dedefer_test.go"
		}
		return stem + ".dedefer.go"
	}
	stem, ext := source, ""
	if i := strings.IndexByte(source, '.'); i >= 0 {
		stem, ext = source[:i], source[i:]
	}
	words := strings.Split(stem, "_")
	i := meaningful(words)
	return strings.Join(slices.Insert(words, i, "dedefer"), "_") + ext
}

// IsTest reports whether the go command takes name for a test file.
func IsTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// meaningful returns at which word of a name those begin that the go command
// gives a meaning. It never is the first.
func meaningful(words []string) int {
	n := len(words)
	if n > 1 && words[n-1] == "test" {
		n--
	}
	if n < 2 || !IsPlatform(words[n-1]) {
		return n
	}
	// With an architecture alone, the word before it does not count.
	if arch := words[n-1]; n > 2 && !selects(build.Context{GOARCH: arch}, words[n-2]+"_"+arch) {
		return n - 2
	}
	return n - 1
}

// IsPlatform reports whether word is a GOOS or a GOARCH that Go knows. Package
// go/build has the lists, but does not export them.
func IsPlatform(word string) bool { return !selects(build.Context{}, word) }

func selects(ctxt build.Context, suffix string) bool {
	ctxt.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}
	ok, err := ctxt.MatchFile("", "x_"+suffix+".go")
	return ok && err == nil
}
