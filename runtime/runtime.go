// Package runtime holds the source of the runtime that lowered code calls,
// package dedefer in the directory below, and says which of its files a program
// needs.
//
// A program that calls only
//
//	dedefer.Run(func() bool { ... })
//
// needs doc.go and run.go; one that names dedefer.Land or dedefer.Panic needs
// land.go, too; and where panic(nil) is real (go 1.20 or older in go.mod, or one
// of the settings panicnil=1 and default=go1.20), nilpanic.go beside it.
//
// The tests of package dedefer compare it with native Go in some hundred
// thousand scenarios; go test ./runtime/dedefer -long -timeout 1h, in some
// millions.
package runtime

import (
	"embed"
	"go/build/constraint"
	"strings"
)

//go:embed dedefer/doc.go dedefer/run.go dedefer/land.go dedefer/nilpanic.go
var files embed.FS

// Source returns the texts of all files of package dedefer by their base
// names. What keeps nilpanic.go out of the package as this module builds it, its
// constraint, is left out.
func Source() map[string]string {
	entries, err := files.ReadDir("dedefer")
	if err != nil {
		panic(err) // it is part of this program
	}
	source := map[string]string{}
	for _, e := range entries {
		text, err := files.ReadFile("dedefer/" + e.Name())
		if err != nil {
			panic(err)
		}
		source[e.Name()] = withoutConstraint(string(text))
	}
	return source
}

// withoutConstraint drops the //go:build line of a file, and what is empty
// behind it.
func withoutConstraint(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if constraint.IsGoBuild(strings.TrimSpace(line)) {
			return strings.Join(lines[:i], "") + strings.TrimLeft(strings.Join(lines[i+1:], ""), "\n")
		}
	}
	return text
}

// A Use says what a program uses of package dedefer.
type Use struct {
	Run       bool // Run or Bool
	Land      bool // anything else
	NilPanics bool // panic(nil) is real in the program
}

// UseOf returns what a program uses that names name, of package dedefer.
func UseOf(name string) Use {
	run := name == "Run" || name == "Bool"
	return Use{Run: run, Land: !run}
}

// Or returns what two parts of a program use together.
func (u Use) Or(v Use) Use {
	return Use{u.Run || v.Run, u.Land || v.Land, u.NilPanics || v.NilPanics}
}

// Needs reports whether the program needs a file of package dedefer.
func (u Use) Needs(name string) bool {
	switch name {
	case "run.go":
		return u.Run
	case "land.go":
		return u.Land
	case "nilpanic.go":
		return u.Land && u.NilPanics
	}
	return u.Run || u.Land
}
