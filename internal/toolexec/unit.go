package toolexec

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Unit is what one run of the compiler is asked to do.
type Unit struct {
	Args     []string          // the whole command line, the compiler's name first
	First    int               // Args[First:] are the names of Go files
	Path     string            // import path; "main" for a command
	Out      string            // the archive to write
	Lang     string            // language version, such as "go1.26"
	Go       string            // version of the compiler, such as "go1.26.8"
	Std      bool              // it is part of the standard library
	Packages map[string]string // the archives of its imports, by their paths
	Imports  map[string]string // the paths of imports, where the source has another one
	Trims    []Trim
}

// A Trim is how the compiler shortens the names of files in what it writes.
type Trim struct{ From, To string }

// Files returns the names of the Go files.
func (u *Unit) Files() []string { return u.Args[u.First:] }

// Dir returns the directory in which the go command keeps what it makes for
// the package.
func (u *Unit) Dir() string { return filepath.Dir(u.Out) }

// NewUnit reads a command line of the compiler. It returns nil where that does
// not compile a package.
func NewUnit(args []string) (*Unit, error) {
	args, err := expand(args)
	if err != nil {
		return nil, err
	}
	u := &Unit{Args: args, First: len(args), Packages: map[string]string{}, Imports: map[string]string{}}
	for u.First > 1 && strings.HasSuffix(args[u.First-1], ".go") {
		u.First--
	}
	importcfg := ""
	values := map[string]*string{"p": &u.Path, "o": &u.Out, "importcfg": &importcfg, "lang": &u.Lang, "goversion": &u.Go}
	trims := ""
	values["trimpath"] = &trims
	for i := 1; i < u.First; i++ {
		name, value, joined := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(args[i], "-"), "-"), "=")
		if name == "std" {
			u.Std = true
		}
		to := values[name]
		switch {
		case to == nil || !strings.HasPrefix(args[i], "-"):
		case joined:
			*to = value
		case i+1 < u.First:
			i++
			*to = args[i]
		}
	}
	if u.First == len(args) || u.Out == "" || u.Path == "" || importcfg == "" {
		return nil, nil
	}
	for _, t := range strings.Split(trims, ";") {
		if from, to, ok := strings.Cut(t, "=>"); ok {
			u.Trims = append(u.Trims, Trim{from, to})
		}
	}
	return u, u.readImports(importcfg)
}

func (u *Unit) readImports(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(data) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		from, to, ok := strings.Cut(rest, "=")
		switch {
		case verb == "" || strings.HasPrefix(verb, "#") || verb == "modinfo":
		case verb == "packagefile" && ok:
			u.Packages[from] = to
		case verb == "importmap" && ok:
			u.Imports[from] = to
		default:
			return fmt.Errorf("%s: unknown line %q", name, bytes.TrimSpace(line))
		}
	}
	return nil
}
