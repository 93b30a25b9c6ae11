// Package modeflags has the flags that every command has which rewrites.
package modeflags

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/usage"
)

// Flags are those of a command.
type Flags struct {
	Set    *flag.FlagSet
	Unwind string // "native" or "none"
	Keep   bool
	Strict bool
	Scope  string // "module", "deps" or "all"
}

// New returns the flags of the command called name: -unwind and -keep.
func New(name string) *Flags {
	f := &Flags{Set: flag.NewFlagSet(name, flag.ContinueOnError), Unwind: "native", Scope: "module"}
	f.Set.SetOutput(io.Discard) // errors are reported, help is printed elsewhere
	f.oneOf("unwind", &f.Unwind, "want native or none", "native", "none")
	f.Set.BoolVar(&f.Keep, "keep", false, "")
	return f
}

// StrictVar adds -strict.
func (f *Flags) StrictVar() { f.Set.BoolVar(&f.Strict, "strict", false, "") }

// ScopeVar adds -scope.
func (f *Flags) ScopeVar() {
	f.oneOf("scope", &f.Scope, "want module, deps or all", "module", "deps", "all")
}

func (f *Flags) oneOf(name string, value *string, want string, words ...string) {
	f.Set.Func(name, "", func(s string) error {
		if !slices.Contains(words, s) {
			return errors.New(want)
		}
		*value = s
		return nil
	})
}

// Parse parses flags. What is left are f.Set.Args. An error is flag.ErrHelp or a
// *usage.Error.
func (f *Flags) Parse(args []string) error {
	if err := f.Set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return usage.Errorf("%v%s: run 'dedefer help %s' for its flags", err, f.meant(err), f.Set.Name())
	}
	if f.Keep && f.Unwind == "none" {
		return usage.Errorf("-keep with -unwind=none: no defer statement can stay there")
	}
	if f.Strict && f.Unwind != "none" {
		return usage.Errorf("-strict without -unwind=none: nothing else changes what a program does")
	}
	return nil
}

// meant suggests a flag where err is about one that there is not.
func (f *Flags) meant(err error) string {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return ""
	}
	var names []string
	f.Set.VisitAll(func(fl *flag.Flag) { names = append(names, fl.Name) })
	return usage.DidYouMean("-", name, names)
}

// Name takes a flag apart: -name, --name, -name=value. The name of something else is "".
func Name(arg string) (name, value string, joined bool) {
	arg, ok := strings.CutPrefix(arg, "-")
	if !ok {
		return "", "", false
	}
	return strings.Cut(strings.TrimPrefix(arg, "-"), "=")
}
