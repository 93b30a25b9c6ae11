package generate

import (
	"cmp"
	"context"
	"fmt"
	"go/build"
	"go/build/constraint"
	"io"
	"math/bits"
	"os"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/internal/tinygo"
	"github.com/dedefer/dedefer/rewrite"
)

// A target is what decides which files a build has.
type target struct {
	goos, goarch string
	cgo          bool
	tags         string         // sorted, separated by commas
	present      string         // GOEXPERIMENT of the present build, where experiments says more
	experiments  string         // what GOEXPERIMENT says more than for the present build: "jsonv2", "noloopvar"
	board        *tinygo.Target // nil: one of the go command's own
}

func (t target) String() string {
	if t.board != nil {
		return "target " + t.board.Name
	}
	s := t.goos + "/" + t.goarch
	if t.experiments != "" {
		s += " with GOEXPERIMENT=" + t.experiments
	}
	if t.tags != "" {
		s += " and tags " + t.tags
	}
	return s
}

func (t target) hasTag(tag string) bool { return slices.Contains(strings.Split(t.tags, ","), tag) }

func (t target) without(tag string) target {
	t.tags = strings.Join(slices.DeleteFunc(strings.Split(t.tags, ","), func(s string) bool { return s == tag }), ",")
	return t
}

// options are those of a load.
func (t target) options() rewrite.Options {
	if t.board != nil {
		return rewrite.Options{Env: t.board.Env(), BuildFlags: []string{"-tags=" + t.tags}, FromSource: true}
	}
	cgo := "0"
	if t.cgo {
		cgo = "1"
	}
	opts := rewrite.Options{
		Env:        append(os.Environ(), "GOOS="+t.goos, "GOARCH="+t.goarch, "CGO_ENABLED="+cgo),
		BuildFlags: []string{"-tags=" + t.tags},
	}
	if t.experiments != "" {
		opts.Env = append(opts.Env, "GOEXPERIMENT="+strings.TrimPrefix(t.present+","+t.experiments, ","))
		opts.FromSource = true // all of the standard library would be compiled once more
	}
	return opts
}

// builds knows what builds there are.
type builds struct {
	setup *rewrite.Setup
	ctxt  build.Context // of the present one
	other []target      // what Go can build for, the nearest first; nil until needed
}

// boardTarget is the build for one of TinyGo's targets, with tag.
func boardTarget(b *tinygo.Target, tag string) target {
	return target{
		goos: b.GOOS, goarch: b.GOARCH, cgo: os.Getenv("CGO_ENABLED") == "1",
		tags: strings.Join(b.TagList(tag), ","), board: b,
	}
}

// presentBuild asks the go command, which knows of GOFLAGS and go env -w.
func presentBuild(ctx context.Context) (*builds, error) {
	setup, err := rewrite.NewSetup(ctx, rewrite.Options{})
	if err != nil {
		return nil, err
	}
	if setup.OverlayFile != "" {
		return nil, &rewrite.UsageError{Msg: fmt.Sprintf("GOFLAGS has -overlay=%s, and generate writes files beside those that are there: take it out, or use dedefer rewrite -o DIR", setup.OverlayFile)}
	}
	const format = `{{context.GOOS}}
{{context.GOARCH}}
{{context.Compiler}}
{{context.CgoEnabled}}
{{join context.BuildTags " "}}
{{join context.ToolTags " "}}
{{join context.ReleaseTags " "}}`
	out, err := setup.Go(ctx, append(append([]string{"list"}, setup.Flags...), "-f", format, "unsafe")...)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 7 {
		return nil, fmt.Errorf("go list: what its context is cannot be told from %q", out)
	}
	return &builds{setup: setup, ctxt: build.Context{
		GOOS: lines[0], GOARCH: lines[1], Compiler: lines[2], CgoEnabled: lines[3] == "true",
		BuildTags: strings.Fields(lines[4]), ToolTags: strings.Fields(lines[5]), ReleaseTags: strings.Fields(lines[6]),
	}}, nil
}

// all returns what Go can build for but the present platform: first what has its
// architecture, then what has its system, then others, the usual ones first.
func (b *builds) all(ctx context.Context) ([]target, error) {
	if b.other != nil {
		return b.other, nil
	}
	out, err := b.setup.Go(ctx, "tool", "dist", "list")
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(out) {
		goos, goarch, _ := strings.Cut(line, "/")
		if goos != b.ctxt.GOOS || goarch != b.ctxt.GOARCH {
			b.other = append(b.other, target{goos: goos, goarch: goarch})
		}
	}
	slices.SortStableFunc(b.other, func(x, y target) int { return cmp.Compare(b.distance(x), b.distance(y)) })
	return b.other, nil
}

func (b *builds) distance(t target) (n int) {
	switch {
	case t.goarch == b.ctxt.GOARCH:
	case t.goos == b.ctxt.GOOS:
		n = 2
	case t.goarch == "amd64":
		n = 4
	default:
		n = 6
	}
	switch t.goos {
	case "android", "illumos", "ios": // they have the files of linux, solaris and darwin, too
		n++
	}
	return n
}

// A file is what decides about one in a build.
type file struct {
	name       string // without a directory
	constraint constraint.Expr
	cgo        bool // imports "C"
}

// has reports whether the build for t has f.
func (b *builds) has(t target, f file) bool {
	if f.cgo && !t.cgo {
		return false
	}
	header := "package p\n"
	if f.constraint != nil {
		header = "//go:build " + f.constraint.String() + "\n\n" + header
	}
	ctxt := b.ctxt
	ctxt.GOOS, ctxt.GOARCH, ctxt.CgoEnabled = t.goos, t.goarch, t.cgo
	ctxt.BuildTags = strings.Split(t.tags, ",")
	ctxt.ToolTags = toolTags(ctxt.ToolTags, t.experiments)
	ctxt.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(header)), nil }
	ok, err := ctxt.MatchFile("", f.name)
	return ok && err == nil
}

// nearest returns the build that has f and differs as little as possible from
// the present one. ok is false where none has it.
func (b *builds) nearest(ctx context.Context, f file) (t target, ok bool, err error) {
	sets := tagSets(b.ctxt.BuildTags, f.constraint)
	find := func(list ...target) (target, bool) {
		for _, t := range list {
			for _, t.cgo = range []bool{t.cgo, !t.cgo} {
				for _, t.tags = range sets {
					if b.has(t, f) {
						return t, true
					}
				}
			}
		}
		return target{}, false
	}
	here := target{goos: b.ctxt.GOOS, goarch: b.ctxt.GOARCH, cgo: b.ctxt.CgoEnabled}
	if t, ok = find(here); ok {
		return t, true, nil
	}
	for _, here.experiments = range b.experimentSets(ctx, f.constraint) {
		if t, ok = find(here); ok {
			t.present = b.setup.Experiment
			return t, true, nil
		}
	}
	others, err := b.all(ctx)
	if err != nil {
		return t, false, err
	}
	t, ok = find(others...)
	return t, ok, nil
}

// tagSets returns the sets of tags that decide about x, those most like present
// first. Where there are too many, it leaves out tags.
func tagSets(present []string, x constraint.Expr) (sets []string) {
	const most = 8
	words := settable(x)
	words = words[:min(len(words), most)]
	for n := range len(words) + 1 {
		for set := range uint(1) << len(words) {
			if bits.OnesCount(set) == n {
				sets = append(sets, toggled(present, words, set))
			}
		}
	}
	return sets
}

// toggled returns tags with each of words, whose bit is in set, put in or taken
// out.
func toggled(tags, words []string, set uint) string {
	tags = slices.Clone(tags)
	for i, w := range words {
		if set&(1<<i) == 0 {
			continue
		}
		if at := slices.Index(tags, w); at >= 0 {
			tags = slices.Delete(tags, at, at+1)
		} else {
			tags = append(tags, w)
		}
	}
	slices.Sort(tags)
	return strings.Join(tags, ",")
}

const experimentTag = "goexperiment."

// experimentSets returns what GOEXPERIMENT can say of the experiments in x that
// it does not say for the present build: one of them, or all.
func (b *builds) experimentSets(ctx context.Context, x constraint.Expr) (sets []string) {
	if x == nil {
		return nil
	}
	x.Eval(func(tag string) bool {
		name, ok := strings.CutPrefix(tag, experimentTag)
		if !ok {
			return false
		}
		if slices.Contains(b.ctxt.ToolTags, tag) {
			name = "no" + name
		}
		if !slices.Contains(sets, name) && b.setup.HasExperiment(ctx, name) {
			sets = append(sets, name)
		}
		return false
	})
	if len(sets) > 1 {
		sets = append(sets, strings.Join(sets, ","))
	}
	return sets
}

// toolTags returns tags as they are with more experiments.
func toolTags(tags []string, experiments string) []string {
	tags = slices.Clone(tags)
	for name := range strings.SplitSeq(experiments, ",") {
		tag := experimentTag + strings.TrimPrefix(name, "no")
		tags = slices.DeleteFunc(tags, func(t string) bool { return t == tag })
		if name != "" && !strings.HasPrefix(name, "no") {
			tags = append(tags, tag)
		}
	}
	return tags
}

// meaning says what a tag is that the go command sets by itself; "" for others.
func meaning(tag string) string {
	switch {
	case sibling.IsPlatform(tag):
		return "an operating system or an architecture (GOOS, GOARCH)"
	case tag == "unix":
		return "a family of operating systems"
	case tag == "gc", tag == "gccgo":
		return "a compiler"
	case tag == "cgo", tag == "race", tag == "msan", tag == "asan", tag == "boringcrypto":
		return "a setting of the build"
	case tag == "ignore":
		return "a mark for files that no build has"
	case strings.HasPrefix(tag, "go1."):
		return "a version of Go"
	case strings.HasPrefix(tag, experimentTag):
		return "an experiment of Go's (GOEXPERIMENT)"
	}
	return ""
}

// settable returns the tags in x that -tags is for. Tag ignore is for files that
// no build has.
func settable(x constraint.Expr) (tags []string) {
	if x == nil {
		return nil
	}
	x.Eval(func(tag string) bool {
		if meaning(tag) == "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
		return false
	})
	return tags
}
