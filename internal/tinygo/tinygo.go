// Package tinygo asks TinyGo what one of its targets is for the go command:
// which GOROOT has the packages of that board, and by which GOOS, GOARCH and tags
// files are chosen. It is what editors ask, too.
package tinygo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// A Target is a board, a chip or a platform that TinyGo compiles for.
type Target struct {
	Name   string   `json:"-"`      // as for tinygo build -target
	GOROOT string   `json:"goroot"` // Go's and TinyGo's packages, merged
	GOOS   string   `json:"goos"`
	GOARCH string   `json:"goarch"`
	GOARM  string   `json:"goarm"`
	GOMIPS string   `json:"gomips"`
	Tags   []string `json:"build_tags"`
}

// An Error says why there is no such target.
type Error struct{ Msg string }

func (e *Error) Error() string { return e.Msg }

// Lookup runs tinygo info.
func Lookup(ctx context.Context, name string) (Target, error) {
	t := Target{Name: name}
	if name == "" || strings.HasPrefix(name, "-") {
		return t, &Error{fmt.Sprintf("-target %q: not the name of a target: 'tinygo targets' lists them", name)}
	}
	cmd := exec.CommandContext(ctx, "tinygo", "info", "-json", "-target", name)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return t, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return t, &Error{fmt.Sprintf(missing, name)}
	case err != nil:
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return t, &Error{fmt.Sprintf("-target %s: tinygo info: %s", name, cmp.Or(said, err.Error()))}
	}
	if err := json.Unmarshal(out, &t); err != nil {
		return t, &Error{fmt.Sprintf("-target %s: tinygo info -json: %v", name, err)}
	}
	if t.GOROOT == "" || t.GOOS == "" || t.GOARCH == "" {
		return t, &Error{fmt.Sprintf("-target %s: tinygo info -json does not say goroot, goos and goarch: a TinyGo from 0.24 on does", name)}
	}
	return t, nil
}

const missing = `-target %[1]s: no tinygo is on PATH, which knows what that is. Install TinyGo (https://tinygo.org/getting-started/install), or leave out -target and set what "tinygo info -target %[1]s" says where there is one:
	export GOROOT=<cached GOROOT>
	export GOOS=<GOOS>
	export GOARCH=<GOARCH>
	export GOFLAGS=-tags=<build tags, with commas>`

// Env is the environment for the go command. Cgo is off unless CGO_ENABLED is set:
// TinyGo translates import "C" by itself, which the go command cannot for a board.
func (t Target) Env() []string {
	// Another toolchain would bring its own GOROOT.
	env := append(os.Environ(), "GOROOT="+t.GOROOT, "GOOS="+t.GOOS, "GOARCH="+t.GOARCH, "GOTOOLCHAIN=local")
	if os.Getenv("CGO_ENABLED") == "" {
		env = append(env, "CGO_ENABLED=0")
	}
	if t.GOARM != "" {
		env = append(env, "GOARM="+t.GOARM)
	}
	if t.GOMIPS != "" {
		env = append(env, "GOMIPS="+t.GOMIPS)
	}
	return env
}

// TagList returns the target's tags and more, each once, in order.
func (t Target) TagList(more ...string) []string {
	tags := slices.Concat(t.Tags, more)
	slices.Sort(tags)
	return slices.DeleteFunc(slices.Compact(tags), func(s string) bool { return s == "" })
}
