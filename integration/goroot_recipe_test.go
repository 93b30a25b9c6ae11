package integration

import (
	"go/build"
	"go/build/constraint"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// A recipe is the first comment of a program in GOROOT/test: what to do with
// it. Its grammar is that of cmd/internal/testdir in the Go sources.
type recipe struct {
	action    string   // one of those in treatments
	flags     []string // for what the action runs
	env       []string // for go build and the program
	args      []string // of the program
	version   string   // for go.mod, "" if it does not matter
	elsewhere bool     // build constraints leave it out on this system
}

// parseRecipe reads the head of a program.
func parseRecipe(src string) recipe {
	head, _, _ := strings.Cut(src, "\npackage ")
	var r recipe
	for line := range strings.Lines(head) {
		line = strings.TrimSpace(line)
		if constraint.IsGoBuild(line) || constraint.IsPlusBuild(line) {
			if expr, err := constraint.Parse(line); err == nil && !expr.Eval(buildTag) {
				r.elsewhere = true
			}
		} else if words := splitQuoted(strings.TrimPrefix(line, "//")); r.action == "" && len(words) > 0 {
			r.action = words[0]
			r.parseArgs(words[1:])
		}
	}
	return r
}

func (r *recipe) parseArgs(rest []string) {
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		switch {
		case len(rest) > 1 && (rest[0] == "-goexperiment" || rest[0] == "-godebug"):
			r.env = append(r.env, strings.ToUpper(rest[0][1:])+"="+rest[1])
			rest = rest[1:]
		case len(rest) > 1 && rest[0] == "-t": // a time limit: here is one for all
			rest = rest[1:]
		case len(rest) > 1 && rest[0] == "-gomodversion":
			r.version = rest[1]
			rest = rest[1:]
		default:
			r.flags = append(r.flags, rest[0])
		}
		rest = rest[1:]
	}
	r.args = rest
}

// buildFlags are the flags for go build.
func (r recipe) buildFlags() []string {
	switch r.action {
	case "errorcheck", "errorcheckwithauto": // they ask the compiler for diagnostics
		return nil
	case "compile", "compiledir", "rundir": // they run the compiler and the linker alone
		gc, ld := r.flags, []string(nil)
		if i := slices.Index(gc, "-ldflags"); i >= 0 {
			gc, ld = gc[:i], gc[i+1:]
		}
		var flags []string
		if len(gc) > 0 {
			flags = append(flags, "-gcflags="+strings.Join(gc, " "))
		}
		if len(ld) > 0 {
			flags = append(flags, "-ldflags="+strings.Join(ld, " "))
		}
		return flags
	}
	return r.flags
}

var word = regexp.MustCompile(`(?:[^\s"']|"[^"]*"|'[^']*')+`)

// splitQuoted splits at spaces outside of quotes, and drops the quotes.
func splitQuoted(s string) []string {
	words := word.FindAllString(s, -1)
	for i, w := range words {
		words[i] = strings.NewReplacer(`"`, "", "'", "").Replace(w)
	}
	return words
}

func buildTag(tag string) bool {
	return tag == runtime.GOOS || tag == runtime.GOARCH || tag == "gc" || tag == "test_run" ||
		tag == "unix" && build.Default.GOOS != "windows" && build.Default.GOOS != "plan9" && build.Default.GOOS != "js" && build.Default.GOOS != "wasip1" ||
		tag == "cgo" && build.Default.CgoEnabled ||
		slices.Contains(build.Default.ReleaseTags, tag) || slices.Contains(build.Default.ToolTags, tag)
}
