// Package version answers the go command before the compiler does.
//
// The go command asks the compiler for its version once in each build, with
// -V=full, and puts the answer into the keys of all packages.
//
//	compile version go1.26.8
//	compile version devel go1.27-abc Mon Nov 2 buildID=a/b/c/d
//
// It takes the whole line, unless the third word is that of a development version. So
// what decides how a package is lowered goes there:
//
//	compile version dedefer=0123456789abcdef01234567 compile version go1.26.8
//
// Dedefer writes the first half, and becomes the compiler, which writes the second: to
// start it and to read what it says would take twice the time.
//
// In a build that has nothing else to do, this is most of what dedefer does. So it is
// done before the rest of the program is initialised (answer.go), as in package pass,
// and this package imports no more than it must.
//
// See toolID in cmd/go/internal/work/buildid.go.
package version

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/dedefer/dedefer/internal/become"
)

// Options are what decides how packages are lowered, as the flags of dedefer toolexec
// name it.
type Options struct {
	Unwind, Scope          string
	Keep, Strict, Trimpath bool
}

// Answer writes its part of the answer to w, and lets the compiler, which args ask for its
// version, write the rest. It returns the exit code of that, where it returns at all: see
// become.Program.
func Answer(w io.Writer, args []string, o Options) (code int, err error) {
	line, err := half(o)
	if err != nil {
		return 1, err
	}
	if _, err := io.WriteString(w, line); err != nil {
		return 1, err
	}
	return become.Program(args)
}

// half returns what the answer begins with for these options.
func half(o Options) (string, error) {
	self, err := selfID()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s unwind=%s keep=%v scope=%s strict=%v\n", self, o.Unwind, o.Keep, o.Scope, o.Strict)
	if !o.Trimpath && (o.Scope == "module" || o.Unwind != "native") {
		// Which packages are the main module's follows from it: see toolexec.Unit.inModule.
		fmt.Fprintf(h, "cache %s\n", os.Getenv("GOMODCACHE"))
	}
	return fmt.Sprintf("compile version dedefer=%x ", h.Sum(nil)[:12]), nil
}

// selfID names the program that is running: by its version, or, if that does not say
// from what source it was built, by what is in its file.
func selfID() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok && isRelease(info) {
		return info.Main.Version + " " + runtime.Version(), nil
	}
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	if id := buildID(name); id != "" {
		return id, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// buildID returns what the linker wrote into an executable about all that is in it,
// which is read faster than the file; "" where it has none, or is no ELF file.
func buildID(name string) string {
	f, err := elf.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	note := f.Section(".note.go.buildid")
	if note == nil {
		return ""
	}
	data, err := note.Data()
	if err != nil || bytes.Count(data, []byte("/")) < 3 { // it was set by hand
		return ""
	}
	return fmt.Sprintf("%x", data)
}

// isRelease reports whether a program with this version was built from one
// source only.
func isRelease(info *debug.BuildInfo) bool {
	v := info.Main.Version
	if v == "" || v == "(devel)" || strings.Contains(v, "+dirty") || info.Main.Sum == "" {
		return false
	}
	for _, d := range info.Deps {
		if d.Replace != nil {
			return false
		}
	}
	return true
}
