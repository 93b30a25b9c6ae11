// Package runtime holds the source of the runtime that lowered code calls,
// package dedefer in the directory below, and says which of its files a program
// needs: all of them if it calls
//
//	dedefer.Run(func() bool { ... })
//
// anywhere, and else none.
//
// The tests of package dedefer compare it with native Go in some hundred
// thousand scenarios; go test ./runtime/dedefer -long -timeout 1h, in some
// millions.
package runtime

import "embed"

//go:embed dedefer/doc.go dedefer/run.go
var files embed.FS

// Source returns the texts of all files of package dedefer by their base
// names.
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
		source[e.Name()] = string(text)
	}
	return source
}

// A Use says what a program uses of package dedefer.
type Use struct {
	Run bool // Run or Bool
}

// UseOf returns what a program uses that names name, of package dedefer.
func UseOf(name string) Use { return Use{Run: name == "Run" || name == "Bool"} }

// Or returns what two parts of a program use together.
func (u Use) Or(v Use) Use { return Use{u.Run || v.Run} }

// Needs reports whether the program needs a file of package dedefer.
func (u Use) Needs(name string) bool { return u.Run }
