package dedefer_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A crashProgram is a frame that does not end well. It runs in the main
// goroutine of a process of its own.
type crashProgram struct {
	chain []*kind
	w     way
	line  string // what the last panic or fatal error line on stderr has to be
	code  int
}

var crashes = map[string]crashProgram{
	"panic":         {named("nothing", "unseen: nothing"), panicking, "panic: P", 2},
	"panic in Run":  {named("nothing"), panicking, "panic: P", 2},
	"other panic":   {named("nothing", "recovers, then panics"), panicking, "panic: after 1", 2},
	"panic at exit": {named("recovers", "nothing", "panics", "recovers"), panicking, "", 0},
	"runtime error": {
		[]*kind{{name: "writes", native: func(r *run, i int) { r.stacks[0][0] = "" }, unseen: true}}, panicking,
		"panic: runtime error: index out of range [0] with length 0", 2,
	},
	"uncomparable":  {join(named("unseen: nothing"), []*kind{{name: "panics", native: func(r *run, i int) { panic(list{"list"}) }}}), panicking, "panic: list", 2},
	"Goexit":        {named("unseen: nothing"), exiting, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!", 2},
	"Goexit drops":  {named("unseen: nothing", "exits"), panicking, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!", 2},
	"blocks":        {[]*kind{{name: "blocks", native: func(r *run, i int) { select {} }}}, panicking, "fatal error: all goroutines are asleep - deadlock!", 2},
	"blocks unseen": {[]*kind{{name: "blocks", native: func(r *run, i int) { select {} }, unseen: true}}, panicking, "fatal error: all goroutines are asleep - deadlock!", 2},
	"os.Exit":       {[]*kind{{name: "ends", native: func(r *run, i int) { os.Exit(3) }}}, panicking, "", 3},
}

type list []string // an error that cannot be compared

func (l list) Error() string { return l[0] }

const crashEnv = "DEDEFER_TEST_CRASH"

func TestMain(m *testing.M) {
	if arg := os.Getenv(crashEnv); arg != "" {
		crash(arg)
	}
	os.Exit(m.Run())
}

func crash(arg string) {
	i := strings.Index(arg, ":")
	c := crashes[arg[i+1:]]
	s := run_
	for _, k := range c.chain {
		if !k.plain() {
			s = segmented
		}
	}
	r := &run{lowered: arg[:i] == "lowered"}
	r.say("returned", 0, r.call([]frame{{s, c.chain}}, c.w))
	fmt.Printf("%s", r.trace)
	os.Exit(0)
}

func TestCrashes(t *testing.T) {
	lastLine := regexp.MustCompile(`(?m)^\s*((?:panic|fatal error): .*?)(?: \[recovered.*\])?$`)
	for name, c := range crashes {
		name, c := name, c
		t.Run(name, func(t *testing.T) {
			for _, how := range []string{"native", "lowered"} {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				cmd := exec.CommandContext(ctx, os.Args[0])
				cmd.Env = append(os.Environ(), crashEnv+"="+how+":"+name)
				var stderr strings.Builder
				cmd.Stderr = &stderr
				cmd.Run()
				if ctx.Err() != nil && how == "native" {
					t.Skip("Go detects no deadlock here, as with -race")
				}
				line := ""
				if all := lastLine.FindAllStringSubmatch(stderr.String(), -1); all != nil {
					line = all[len(all)-1][1]
				}
				if code := cmd.ProcessState.ExitCode(); code != c.code || line != c.line {
					t.Errorf("%s: exit code %d and %q, want %d and %q; all:\n%s", how, code, line, c.code, c.line, &stderr)
				}
				if strings.Contains(stderr.String(), "comparing") {
					t.Errorf("%s: a panic of the runtime's own:\n%s", how, &stderr)
				}
				if strings.HasPrefix(line, "panic") && !strings.Contains(stderr.String(), "_test.leave(") {
					t.Errorf("%s: the trace does not show where it panicked:\n%s", how, &stderr)
				}
			}
		})
	}
}
