package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dedefer/dedefer/internal/playground"
)

// What a program may use.
const (
	runTime   = 10 * time.Second
	buildTime = 2 * time.Minute
	runMemory = 512 << 20
	runOutput = 64 << 10
)

// A RunResponse has errors, or what both programs did.
type RunResponse struct {
	Errors []playground.Error `json:"errors,omitempty"`
	Before *Outcome           `json:"before,omitempty"`
	After  *Outcome           `json:"after,omitempty"`
	Same   bool               `json:"same"`
}

// An Outcome is what a program did.
type Outcome struct {
	How    string `json:"how"` // "exit status 0", "stopped after 10s", ...
	Output string `json:"output"`
}

// run builds a program, and its lowering, and runs both.
func (s *Server) run(ctx context.Context, req playground.Request) any {
	select {
	case s.runner <- struct{}{}:
		defer func() { <-s.runner }()
	case <-ctx.Done():
		return &RunResponse{}
	}
	lowered := s.world.Lower(req)
	if len(lowered.Errors) > 0 {
		return &RunResponse{Errors: lowered.Errors}
	}
	before, err := buildAndRun(ctx, map[string]string{"main.go": req.Src})
	if err == nil {
		var after *Outcome
		if after, err = buildAndRun(ctx, lowered.Files); err == nil {
			return &RunResponse{Before: before, After: after, Same: same(before, after)}
		}
	}
	return &RunResponse{Errors: []playground.Error{{Text: err.Error()}}}
}

// same reports whether two programs did the same, but for the trace of a crash.
func same(a, b *Outcome) bool {
	untraced := func(o *Outcome) string {
		before, _, _ := strings.Cut(o.Output, "\ngoroutine ")
		return before
	}
	return a.How == b.How && untraced(a) == untraced(b)
}

// buildAndRun runs a program in a directory of its own, which is removed.
func buildAndRun(ctx context.Context, files map[string]string) (*Outcome, error) {
	dir, err := os.MkdirTemp("", "dedefer-run-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	src := filepath.Join(dir, "src")
	files["go.mod"] = "module " + playground.Module + "\n\ngo 1.25\n"
	for name, text := range files {
		name = filepath.Join(src, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	build, cancel := context.WithTimeout(ctx, buildTime)
	defer cancel()
	program := filepath.Join(dir, "program.exe")
	cmd := exec.CommandContext(build, "go", "build", "-o", program, ".")
	cmd.Dir = src
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %s", strings.TrimSpace(string(out)+"\n"+err.Error()))
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		return nil, err
	}
	return execute(ctx, program, home)
}

// execute runs a program within its limits.
func execute(ctx context.Context, program, home string) (*Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	cmd := limited(ctx, program)
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "PATH=" + os.Getenv("PATH"), fmt.Sprintf("GOMEMLIMIT=%d", runMemory/2)}
	cmd.WaitDelay = time.Second
	out := &limitedBuffer{room: runOutput, full: cancel}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	o := &Outcome{How: "exit status 0", Output: out.String()}
	var exit *exec.ExitError
	switch {
	case out.isFull():
		o.How = fmt.Sprintf("stopped after %d kB of output", runOutput>>10)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		o.How = "stopped after " + runTime.String()
	case errors.As(err, &exit):
		o.How = exit.Error()
	case err != nil:
		return nil, err
	}
	return o, nil
}

// A limitedBuffer calls full when more is written than it has room for.
type limitedBuffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	room int
	over bool
	full func()
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.room - l.b.Len()
	l.b.Write(p[:min(left, len(p))])
	if len(p) > left && !l.over {
		l.over = true
		l.full()
	}
	return len(p), nil
}

func (l *limitedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *limitedBuffer) isFull() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}
