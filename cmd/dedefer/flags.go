package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"

	"github.com/dedefer/dedefer/internal/modeflags"
	"github.com/dedefer/dedefer/internal/tinygo"
	"github.com/dedefer/dedefer/rewrite"
)

// modeFlags are those of every command that rewrites.
type modeFlags struct {
	*modeflags.Flags
	unwind rewrite.Unwind
}

func newModeFlags(name string) *modeFlags {
	return &modeFlags{Flags: modeflags.New(name)}
}

// heapVar adds -heap.
func (f *modeFlags) heapVar(isError *bool) {
	f.Set.Func("heap", "", func(s string) error {
		if s != "allow" && s != "error" {
			return errors.New("want allow or error")
		}
		*isError = s == "error"
		return nil
	})
}

// parseFlags parses flags. What is left are f.Set.Args.
func (f *modeFlags) parseFlags(args []string) error {
	err := f.Parse(args)
	if f.Unwind == rewrite.None.String() {
		f.unwind = rewrite.None
	}
	return err
}

// parse returns the patterns.
func (f *modeFlags) parse(args []string) ([]string, error) {
	if err := f.parseFlags(args); err != nil {
		return nil, err
	}
	patterns := f.Set.Args()
	for _, p := range patterns {
		if strings.HasPrefix(p, "-") && p != "-" {
			return nil, usageErrorf("%s follows a package: flags come before packages", p)
		}
	}
	return patterns, nil
}

// given reports whether the command line has the flag.
func (f *modeFlags) given(name string) bool {
	found := false
	f.Set.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

// loadFlags are those that rewrite and explain share.
type loadFlags struct {
	*modeFlags
	dir    string
	tags   string
	target string
	tests  bool
	funcs  *rewrite.Functions // nil: all
}

func newFlags(name string) *loadFlags {
	f := &loadFlags{modeFlags: newModeFlags(name)}
	f.Set.StringVar(&f.dir, "C", "", "")
	f.Set.StringVar(&f.tags, "tags", "", "")
	f.Set.StringVar(&f.target, "target", "", "")
	f.Set.BoolVar(&f.tests, "tests", true, "")
	f.Set.Func("func", "", func(s string) (err error) {
		f.funcs, err = rewrite.ParseFunctions(s)
		return err
	})
	return f
}

// chdir is -C. All names are relative to that directory then, as with the go
// command.
func (f *loadFlags) chdir() error {
	if f.dir == "" {
		return nil
	}
	if err := os.Chdir(f.dir); err != nil {
		return usageErrorf("-C %s: %v", f.dir, errors.Unwrap(err))
	}
	return nil
}

func (f *loadFlags) options(ctx context.Context) (rewrite.Options, error) {
	opts := rewrite.Options{Tests: f.tests, Unwind: f.unwind, Keep: f.Keep, Functions: f.funcs}
	tags := f.tags
	if f.given("target") {
		if strings.Contains(f.target, ",") {
			return opts, usageErrorf("-target %s: one NAME at a time: several are for dedefer generate", f.target)
		}
		t, err := lookupTarget(ctx, f.target)
		if err != nil {
			return opts, err
		}
		opts.Env, opts.FromSource = t.Env(), true
		tags = strings.Join(t.TagList(strings.Split(tags, ",")...), ",")
	}
	if tags != "" {
		opts.BuildFlags = []string{"-tags=" + tags}
	}
	return opts, nil
}

// lookupTarget is for -target with one name.
func lookupTarget(ctx context.Context, name string) (tinygo.Target, error) {
	t, err := tinygo.Lookup(ctx, name)
	var none *tinygo.Error
	if errors.As(err, &none) {
		err = &rewrite.UsageError{Msg: none.Msg}
	}
	return t, err
}
