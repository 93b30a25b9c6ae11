package main

import (
	"context"

	"github.com/dedefer/dedefer/internal/become"
	"github.com/dedefer/dedefer/internal/gobuild"
)

// buildCommand returns the command that is the go command's of the same name,
// with the packages lowered. Mostly, package gobuild has become that before.
func buildCommand(name string) func(*app, context.Context, []string) error {
	return func(a *app, _ context.Context, args []string) error {
		b, err := gobuild.New(name, args)
		if err != nil {
			return err
		}
		if b.Work {
			a.note("the lowered source of a package is in the directory dedefer of its own below WORK; a package from the cache has none there (-a builds all)")
		}
		command, err := b.Command()
		if err != nil {
			return err
		}
		code, err := become.Program(command)
		if err == nil && code != 0 {
			err = exitError(code)
		}
		return err
	}
}
