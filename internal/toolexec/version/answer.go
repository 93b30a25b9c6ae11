package version

import (
	"os"
	"path/filepath"
	"strings"
)

func init() {
	compiler, o, ok := question(os.Args)
	if flags := os.Getenv("GOFLAGS"); !ok || strings.Contains(flags, "trimpath") || strings.Contains(flags, "toolexec") {
		return // main reads GOFLAGS, too
	}
	if code, err := Answer(os.Stdout, compiler, o); err == nil {
		os.Exit(code)
	}
	// main comes to the same error, and says so.
}

// question takes apart the command line of a dedefer that is asked for the version of
// the compiler, as "dedefer build" makes it:
//
//	dedefer toolexec -goflags -unwind=none -scope=all -strict /path/to/compile -V=full
//
// ok is false for all others, among which may be some that mean the same.
func question(args []string) (compiler []string, o Options, ok bool) {
	n := len(args) - 2
	if n < 2 || args[1] != "toolexec" || args[n+1] != "-V=full" ||
		strings.TrimSuffix(filepath.Base(args[n]), ".exe") != "compile" {
		return nil, o, false
	}
	for _, a := range args[2:n] {
		switch a {
		case "-goflags":
		case "-unwind=native", "-unwind=none":
			_, o.Unwind, _ = strings.Cut(a, "=")
		case "-scope=module", "-scope=deps", "-scope=all":
			_, o.Scope, _ = strings.Cut(a, "=")
		case "-keep":
			o.Keep = true
		case "-strict":
			o.Strict = true
		case "-trimpath=true":
			o.Trimpath = true
		default:
			return nil, o, false
		}
	}
	none := o.Unwind == "none"
	return args[n:], o, o.Unwind != "" && o.Scope != "" && !(o.Keep && none) && !(o.Strict && !none)
}
