package dedefer

import "embed"

// Runtime holds the source of package runtime, which the tool writes beside
// the output, usually as internal/dedefer. Of its files, a program needs
//
//   - runtime/doc.go always;
//   - runtime/run.go where it names Run or Bool;
//   - runtime/land.go where it names anything else;
//   - runtime/nilpanic.go, with land.go, where panic(nil) is real: with go 1.20
//     or older in go.mod, or with the setting panicnil=1 or
//     default=go1.20 in a go:debug directive or in go.mod.
//
// The first two lines of nilpanic.go, a constraint and an empty line, keep it
// out of package runtime itself, and must be left out of the copy.
//
//go:embed runtime/doc.go runtime/run.go runtime/land.go runtime/nilpanic.go
var Runtime embed.FS
