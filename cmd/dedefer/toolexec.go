package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strconv"

	"github.com/dedefer/dedefer/internal/goflags"
	"github.com/dedefer/dedefer/internal/toolexec"
	_ "github.com/dedefer/dedefer/internal/toolexec/pass" // most calls of toolexec end there
	"github.com/dedefer/dedefer/rewrite"
)

// toolexecFlags are those of toolexec, which build and its like pass on.
type toolexecFlags struct {
	*modeFlags
	scope    toolexec.Scope
	trimpath *bool // nil: not given
}

func newToolexecFlags(name string) *toolexecFlags {
	f := &toolexecFlags{modeFlags: newModeFlags(name), scope: toolexec.Module}
	f.set.Func("scope", "", func(s string) error {
		for _, scope := range toolexec.Scopes {
			if s == string(scope) {
				f.scope = scope
				return nil
			}
		}
		return errors.New("want module, deps or all")
	})
	f.strictVar()
	return f
}

func (a *app) toolexecCommand(_ context.Context, args []string) error {
	f := newToolexecFlags("toolexec")
	goflags := f.set.Bool("goflags", false, "")
	f.set.BoolFunc("trimpath", "", f.setTrimpath)
	if err := f.parseFlags(args); err != nil {
		return err
	}
	if *goflags {
		if err := f.readGoflags(); err != nil {
			return err
		}
	}
	tool := f.set.Args()
	if len(tool) == 0 {
		return usageErrorf("toolexec needs a tool to run: it is for go build -toolexec=\"dedefer toolexec\"")
	}
	code, err := toolexec.Run(tool, toolexec.Options{Unwind: f.unwind, Keep: f.keep, Scope: f.scope, Strict: f.strict, Trimpath: f.trimpath != nil && *f.trimpath})
	var bug *toolexec.Bug
	if errors.As(err, &bug) {
		err = &rewrite.BugError{Function: "package " + bug.Path, Err: bug.Err}
	}
	if err == nil && code != 0 {
		err = exitError(code)
	}
	return err
}

func (f *toolexecFlags) setTrimpath(s string) error {
	v, err := strconv.ParseBool(s)
	f.trimpath = &v
	return err
}

// readGoflags looks at the flags that the go command has from elsewhere, and
// hands to its tools. To ask it for them first would take as long as two tools do.
func (f *toolexecFlags) readGoflags() error {
	given := f.trimpath != nil // on the command line, which counts
	flags, err := goflags.Split(os.Getenv("GOFLAGS"))
	if err != nil {
		return usageErrorf("GOFLAGS: %v", err)
	}
	for _, flag := range flags {
		switch name, value, _ := flagName(flag); {
		case name == "toolexec":
			return errToolexec("GOFLAGS")
		case name == "trimpath" && !given:
			if err := f.setTrimpath(cmp.Or(value, "true")); err != nil {
				return usageErrorf("GOFLAGS: %s: %v", flag, err)
			}
		}
	}
	return nil
}

// An exitError is the exit code of another program, which has said why.
type exitError int

func (e exitError) Error() string { return "" }

// become makes this process another program.
func become(args []string) error {
	code, err := toolexec.Exec(args)
	if err == nil && code != 0 {
		err = exitError(code)
	}
	return err
}
