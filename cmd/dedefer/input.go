package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dedefer/dedefer/rewrite"
)

// A job is what a command line names, loaded and rewritten: packages at once,
// files by the modules that they are in.
type job struct {
	progs []*rewrite.Program
	res   *rewrite.Result // of all of them
}

// named are the files that the command line names; nil where it names packages.
func (j *job) named() (names []string) {
	for _, p := range j.progs {
		names = append(names, p.Named...)
	}
	return names
}

// dirs are those of the packages.
func (j *job) dirs() (dirs []string) {
	for _, p := range j.progs {
		dirs = append(dirs, p.Dirs...)
	}
	return dirs
}

// files are all files of the packages, or those that are named.
func (j *job) files() []string {
	if names := j.named(); names != nil {
		return names
	}
	var files []string
	for _, p := range j.progs {
		files = append(files, p.Files...)
	}
	return files
}

// read returns the text of a file as it is before.
func (j *job) read(name string) ([]byte, error) { return j.progs[0].Read(name) }

// load finds what args name.
func (a *app) load(ctx context.Context, opts *rewrite.Options, args []string) (*job, error) {
	args, err := a.withInput(opts, args)
	if err != nil {
		return nil, err
	}
	groups, err := rewrite.Groups(*opts, args)
	if err != nil {
		return nil, err
	}
	j := &job{}
	for _, group := range groups {
		prog, err := a.loadProgram(ctx, *opts, group)
		if err != nil {
			return nil, err
		}
		j.progs = append(j.progs, prog)
	}
	return j, nil
}

// loadProgram finds what the patterns match, which are of one group.
func (a *app) loadProgram(ctx context.Context, opts rewrite.Options, patterns []string) (*rewrite.Program, error) {
	a.progress.stage("loading")
	return rewrite.Load(ctx, opts, patterns...)
}

// rewriteLoaded rewrites prog, and tells what that leaves out.
func (a *app) rewriteLoaded(ctx context.Context, prog *rewrite.Program, opts rewrite.Options) (*rewrite.Result, error) {
	res, err := a.rewrite(ctx, prog, opts)
	if res == nil {
		return nil, err
	}
	for _, ig := range prog.Ignored {
		a.progress.hide()
		ig.Pos.Filename = a.short(ig.Pos.Filename)
		fmt.Fprintf(a.stderr, "%s: defer left as it is: file is excluded by %s\n", ig.Pos, ig.Constraint)
	}
	return res, err
}

// rewriteJob rewrites what is loaded.
func (a *app) rewriteJob(ctx context.Context, j *job, opts rewrite.Options) error {
	j.res = &rewrite.Result{}
	var errs rewrite.ErrorList
	for _, prog := range j.progs {
		res, err := a.rewriteLoaded(ctx, prog, opts)
		if list, ok := err.(rewrite.ErrorList); ok { // of Options.NoHeap: there may be more
			errs = append(errs, list...)
		} else if err != nil {
			return err
		}
		if res == nil {
			continue
		}
		j.res.Files = append(j.res.Files, res.Files...)
		j.res.Sources = append(j.res.Sources, res.Sources...)
		j.res.Left = append(j.res.Left, res.Left...)
		j.res.Report.Add(&res.Report)
	}
	slices.Sort(j.res.Sources)
	return someErrors(errs)
}

// patience is how long a command that names nothing waits for something on
// standard input before it takes the package in the current directory.
const patience = 2 * time.Second

// withInput returns args with standard input, if that is to be read, as a file
// that only opts.Overlay has: "-" says so, and so does, as with gofmt, a command
// line that names nothing, where standard input is a file or a pipe that has
// something. (A pipe that is there and has nothing is what programs leave to others
// that they start.)
func (a *app) withInput(opts *rewrite.Options, args []string) ([]string, error) {
	var src []byte
	switch {
	case slices.Contains(args, "-") && len(args) > 1:
		return nil, usageErrorf("- is standard input, and stands alone: name files or packages, or pipe one file")
	case len(args) == 1 && args[0] == "-":
		var err error
		if src, err = io.ReadAll(a.stdin); err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
	case len(args) == 0 && a.piped:
		src = a.pipedInput()
		if len(src) == 0 {
			return args, nil
		}
	default:
		return args, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	a.input = filepath.Join(dir, "stdin.go")
	for i := 2; exists(a.input); i++ {
		a.input = filepath.Join(dir, fmt.Sprintf("stdin%d.go", i))
	}
	opts.Overlay = map[string][]byte{a.input: append([]byte{}, src...)}
	return []string{a.input}, nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// pipedInput returns what is on standard input, nil if nothing comes.
func (a *app) pipedInput() []byte {
	first := make(chan []byte, 1)
	go func() { // stays behind where nothing comes
		buf := make([]byte, 4096)
		n, _ := io.ReadAtLeast(a.stdin, buf, 1)
		first <- buf[:n]
	}()
	select {
	case start := <-first:
		if len(start) == 0 {
			return nil
		}
		rest, err := io.ReadAll(a.stdin)
		if err != nil {
			return nil
		}
		return bytes.Join([][]byte{start, rest}, nil)
	case <-time.After(patience):
		return nil
	}
}

// isPiped reports whether f is a file or a pipe, not a terminal or /dev/null.
func isPiped(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && (info.Mode().IsRegular() || info.Mode()&os.ModeNamedPipe != 0)
}

// standardInput is what errors and diffs call standard input, as gofmt does.
const standardInput = "<standard input>"
