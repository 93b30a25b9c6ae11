// Package toolexec is what the go command runs in place of a tool, with -toolexec:
// before the compiler reads the files of a package, it lowers their defer
// statements.
//
//	go build -toolexec="dedefer toolexec -unwind=none" ./...
//
// A command line of the compiler becomes a Unit (unit.go): what to compile, and
// where the export data of its imports is. The files that change are written beside
// the object file, and the compiler is called with their names instead. Everything
// else is passed on as it came, other tools too.
//
// Nothing is kept anywhere but where the go command keeps what it builds. What one
// package needs to know of another, which functions call recover, is a member of
// its archive (archive.go), and what decides how a package is lowered is part of the
// version that the compiler is said to have (package version), which is part of the key
// of all that it compiles.
package toolexec
