package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/dedefer/dedefer/internal/usage"
	"github.com/dedefer/dedefer/rewrite"
)

func main() {
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	a := &app{
		stdin:    os.Stdin,
		piped:    isPiped(os.Stdin),
		stdout:   os.Stdout,
		terminal: os.Stdout,
		stderr:   os.Stderr,
		color:    wantsColor(os.Stdout),
		rewrite:  rewriteProgram,
	}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		a.progress = newProgress(os.Stderr, time.Second)
	}
	os.Exit(a.main(ctx, os.Args[1:]))
}

// rewriteProgram is a variable for tests, which put a rewriter in its place that
// has a bug, or takes long.
var rewriteProgram = rewrite.Rewrite

// An app is one run of the program.
type app struct {
	stdin          io.Reader
	piped          bool   // stdin is a file or a pipe
	input          string // absolute name of the file that stands for stdin; "" where that is not read
	stdout, stderr io.Writer
	terminal       io.Writer // what stdout is in the end
	color          bool
	progress       *progress // nil: none is shown
	rewrite        func(context.Context, *rewrite.Program, rewrite.Options) (*rewrite.Result, error)
}

type command struct {
	name  string
	title string // of its section in the manual
	run   func(a *app, ctx context.Context, args []string) error
}

var commands = []command{
	{"rewrite", "Rewrite", (*app).rewriteCommand},
	{"generate", "Generate", (*app).generateCommand},
	{"explain", "Explain", (*app).explainCommand},
	{"build", "Build, test, run and install", buildCommand("build")},
	{"test", "Build, test, run and install", buildCommand("test")},
	{"run", "Build, test, run and install", buildCommand("run")},
	{"install", "Build, test, run and install", buildCommand("install")},
	{"toolexec", "Toolexec", (*app).toolexecCommand},
	{"serve", "Serve", (*app).serveCommand},
	{"report", "Report", (*app).reportCommand},
	{"completion", "Completion", (*app).completionCommand},
	{"version", "Version", (*app).versionCommand},
}

func findCommand(name string) (command, bool) {
	for _, c := range commands {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// main returns the exit code.
func (a *app) main(ctx context.Context, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(a.stderr, summary())
		return 2
	}
	out := bufio.NewWriter(a.stdout)
	a.stdout = out
	err := a.dispatch(ctx, args[0], args[1:])
	if errors.Is(err, flag.ErrHelp) {
		c, _ := findCommand(args[0])
		_, err = io.WriteString(out, c.help())
	}
	a.progress.stop()
	if ferr := out.Flush(); err == nil && ferr != nil {
		err = fmt.Errorf("writing standard output: %w", ferr)
	}
	return a.report(ctx, err)
}

func (a *app) dispatch(ctx context.Context, name string, args []string) error {
	switch name {
	case "help", "-h", "-help", "--help":
		return a.helpCommand(args)
	case "-version", "--version":
		return a.versionCommand(ctx, args)
	}
	c, ok := findCommand(name)
	if !ok {
		return usageErrorf("unknown command %q%s: run 'dedefer help' for the commands there are", name, meantCommand(name))
	}
	return c.run(a, ctx, args)
}

func (a *app) helpCommand(args []string) error {
	if len(args) == 0 {
		_, err := io.WriteString(a.stdout, summary())
		return err
	}
	c, ok := findCommand(args[0])
	if !ok || len(args) > 1 {
		return usageErrorf("no help for %q%s: run 'dedefer help' for the commands there are", args, meantCommand(args[0]))
	}
	_, err := io.WriteString(a.stdout, c.help())
	return err
}

// note prints a line that the user should see although nothing is wrong.
func (a *app) note(line string) {
	a.progress.hide()
	fmt.Fprintf(a.stderr, "dedefer: %s\n", line)
}

func usageErrorf(format string, args ...any) error { return usage.Errorf(format, args...) }

// meantCommand suggests a command.
func meantCommand(name string) string {
	names := []string{"help"}
	for _, c := range commands {
		names = append(names, c.name)
	}
	return usage.DidYouMean("", name, names)
}

// relative returns name relative to the current directory.
func relative(name string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, name); err == nil {
			return rel
		}
	}
	return name
}

// relative is relative, but for standard input.
func (a *app) relative(name string) string {
	if a.input != "" && name == a.input {
		return standardInput
	}
	return relative(name)
}

// short is relative where that is shorter, as the go command has it in errors.
func (a *app) short(name string) string {
	if a.input != "" && name == a.input {
		return standardInput
	}
	if rel := relative(name); len(rel) < len(name) {
		return rel
	}
	return name
}
