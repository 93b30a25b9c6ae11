// Package harness holds what the tests and the demo under integration share:
// running commands with a time limit, building the dedefer command, and
// comparing programs and trees before and after a rewrite.
package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Result is what one command left behind.
type Result struct {
	Stdout, Stderr string
	Exit           int
	Elapsed        time.Duration
	MaxRSS         int64 // peak memory of the largest process in bytes, 0 where the system does not tell
}

// Command is one command to run. The environment is this process's without
// the variables that would make a run depend on who started it.
type Command struct {
	Dir   string
	Args  []string
	Env   []string      // added to the environment
	Limit time.Duration // for what may never end; 0: an hour, which no loaded machine needs
}

// Run runs the command to its end. Its error is for a command that did not
// come to an exit of its own: not found, or killed at the time limit.
func (c Command) Run() (Result, error) {
	limit := c.Limit
	if limit == 0 {
		limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	cmd.Env = environ(c.Dir, c.Env)
	cmd.WaitDelay = 2 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	r := Result{Stdout: stdout.String(), Stderr: stderr.String(), Elapsed: time.Since(start)}
	if cmd.ProcessState != nil {
		r.MaxRSS = maxRSS(cmd.ProcessState)
	}
	if ctx.Err() != nil {
		return r, fmt.Errorf("%s: still running after %v; output so far:\n%s",
			filepath.Base(c.Args[0]), limit, Clip(r.Stdout+r.Stderr, 10))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.Exit = exit.ExitCode()
		err = nil
	}
	return r, err
}

// strayed is what dedefer says of a comment that is not where it was.
const strayed = "this comment has lost its place"

// RunOK is Run for a command that has to succeed: another exit than 0 is an
// error that shows what the command said, and so is a comment that dedefer lost.
func (c Command) RunOK() (Result, error) {
	r, err := c.Run()
	if err == nil && strings.Contains(r.Stderr, strayed) {
		err = fmt.Errorf("%s", Clip(r.Stderr, 20))
	}
	if err == nil && r.Exit != 0 {
		err = fmt.Errorf("%s: exit %d\n%s",
			strings.Join(append([]string{filepath.Base(c.Args[0])}, c.Args[1:]...), " "), r.Exit, Clip(r.Stdout+r.Stderr, 20))
	}
	return r, err
}

func environ(dir string, added []string) []string {
	var env []string
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "GODEBUG", "GOTRACEBACK", "GOWORK", "PWD":
		default:
			env = append(env, kv)
		}
	}
	env = append(env, "GOWORK=off")
	if dir != "" {
		env = append(env, "PWD="+dir)
	}
	return append(env, added...)
}

// ModuleRoot is the directory of the main module around the current directory.
func ModuleRoot() (string, error) {
	r, err := Command{Args: []string{"go", "env", "GOMOD"}}.RunOK()
	if err != nil {
		return "", err
	}
	mod := strings.TrimSpace(r.Stdout)
	if mod == "" || mod == os.DevNull {
		return "", errors.New("not inside a module: start it in a clone of dedefer")
	}
	return filepath.Dir(mod), nil
}

// TouchSources looks at every file of these directories: the go command keys the
// cached result of a test by the files that the test process itself looks at,
// and would not see those that only the commands it runs read.
func TouchSources(root string, dirs ...string) error {
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(dir)), func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				_, err = os.Stat(p)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// BuildTool builds the dedefer command of the module at root into dir and
// returns the name of the executable. The sources count as touched.
func BuildTool(root, dir string) (string, error) {
	if err := TouchSources(root, "cmd", "internal", "rewrite", "runtime"); err != nil {
		return "", err
	}
	exe := filepath.Join(dir, Exe("dedefer"))
	// Without the C library, as docs/build.md advises who builds all day.
	_, err := Command{Dir: root, Env: []string{"CGO_ENABLED=0"}, Args: []string{"go", "build", "-buildvcs=false", "-o", exe, "./cmd/dedefer"}}.RunOK()
	return exe, err
}

// GoBuild links the package in dir to exe. Symbol tables are left out: they
// cost more to write than these programs cost to run.
func GoBuild(dir, exe string, flags ...string) error {
	args := append([]string{"go", "build", "-buildvcs=false", "-ldflags=-s -w"}, flags...)
	_, err := Command{Dir: dir, Args: append(args, "-o", exe, ".")}.RunOK()
	return err
}

// WriteFile writes a file, and makes its directory.
func WriteFile[T string | []byte](name string, data T) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(data), 0o666)
}

// WriteFiles writes files into dir. Their names have slashes.
func WriteFiles(dir string, files map[string]string) error {
	for name, text := range files {
		if err := WriteFile(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}
	return nil
}
