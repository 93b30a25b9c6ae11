package main

import (
	"context"
	"errors"

	"github.com/dedefer/dedefer/internal/toolexec"
	"github.com/dedefer/dedefer/rewrite"
)

// toolexecFlags are those of toolexec, which build and its like pass on.
type toolexecFlags struct {
	*modeFlags
	scope    toolexec.Scope
	trimpath bool
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
	f.set.BoolVar(&f.trimpath, "trimpath", false, "")
	if err := f.parseFlags(args); err != nil {
		return err
	}
	tool := f.set.Args()
	if len(tool) == 0 {
		return usageErrorf("toolexec needs a tool to run: it is for go build -toolexec=\"dedefer toolexec\"")
	}
	code, err := toolexec.Run(tool, toolexec.Options{Unwind: f.unwind, Keep: f.keep, Scope: f.scope, Strict: f.strict, Trimpath: f.trimpath})
	var bug *toolexec.Bug
	if errors.As(err, &bug) {
		err = &rewrite.BugError{Function: "package " + bug.Path, Err: bug.Err}
	}
	if err == nil && code != 0 {
		err = exitError(code)
	}
	return err
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
