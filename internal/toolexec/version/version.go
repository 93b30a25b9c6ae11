// Package version answers the go command in place of the compiler.
//
// The go command asks the compiler for its version once in each build, with
// -V=full, and puts the answer into the keys of all packages.
//
//	compile version go1.26.8
//	compile version devel go1.27-abc Mon Nov 2 buildID=a/b/c/d
//
// The whole line counts of a release, d of a development version. So what decides how a
// package is lowered goes there:
//
//	compile version go1.26.8 dedefer=0123456789abcdef01234567
//
// In a build that has nothing else to do, this is most of what dedefer does. So it is
// done before the rest of the program is initialised (answer.go), as in package pass,
// and this package imports no more than it must.
package version

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
)

// Options are what decides how packages are lowered, as the flags of dedefer toolexec
// name it.
type Options struct {
	Unwind, Scope          string
	Keep, Strict, Trimpath bool
}

// Line returns the answer of the compiler, which args ask for its version, as one that
// has these options.
func Line(args []string, o Options) (string, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", err
	}
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
	return withID(strings.TrimSpace(string(out)), fmt.Sprintf("%x", h.Sum(nil)[:12])), nil
}

// withID puts id where it counts.
func withID(line, id string) string {
	f := strings.Fields(line)
	if len(f) > 2 && strings.Contains(f[2], "devel") {
		return line + "-dedefer-" + id
	}
	return line + " dedefer=" + id
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
