package main

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"github.com/dedefer/dedefer/internal/gobuild"
	"github.com/dedefer/dedefer/internal/modeflags"
	"github.com/dedefer/dedefer/internal/toolexec"
	_ "github.com/dedefer/dedefer/internal/toolexec/pass" // most calls of toolexec end there
	"github.com/dedefer/dedefer/rewrite"
)

// toolexecFlags are those of toolexec.
type toolexecFlags struct {
	*modeFlags
	trimpath *bool // nil: not given
}

func (a *app) toolexecCommand(_ context.Context, args []string) error {
	f := &toolexecFlags{modeFlags: newModeFlags("toolexec")}
	f.StrictVar()
	f.ScopeVar()
	goflags := f.Set.Bool("goflags", false, "")
	f.Set.BoolFunc("trimpath", "", f.setTrimpath)
	if err := f.parseFlags(args); err != nil {
		return err
	}
	if *goflags {
		if err := f.readGoflags(); err != nil {
			return err
		}
	}
	tool := f.Set.Args()
	if len(tool) == 0 {
		return usageErrorf("toolexec needs a tool to run: it is for go build -toolexec=\"dedefer toolexec\"")
	}
	code, err := toolexec.Run(tool, toolexec.Options{Unwind: f.unwind, Keep: f.Keep, Scope: toolexec.Scope(f.Scope), Strict: f.Strict, Trimpath: f.trimpath != nil && *f.trimpath})
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
	flags, err := gobuild.Goflags()
	if err != nil {
		return err
	}
	for _, flag := range flags {
		if name, value, _ := modeflags.Name(flag); name == "trimpath" && !given {
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
