package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// buildCommand returns the command that is the go command's of the same name,
// with the packages lowered.
func buildCommand(name string) func(*app, context.Context, []string) error {
	return func(a *app, _ context.Context, args []string) error {
		if isHelp(args) {
			return flag.ErrHelp
		}
		b, err := newBuild(name, args)
		if err != nil {
			return err
		}
		if b.work {
			a.note("the lowered source of a package is in the directory dedefer of its own below WORK; a package from the cache has none there (-a builds all)")
		}
		command, err := b.command()
		if err != nil {
			return err
		}
		return become(command)
	}
}

func isHelp(args []string) bool {
	return len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0])
}

// A build is the command line of build, test, run or install.
type build struct {
	name  string
	dir   string   // -C
	own   []string // the flags that toolexec gets
	work  bool
	rest  []string // what the go command gets as it is
	flags *toolexecFlags
	trim  string // the value of -trimpath; "" where it is not given
}

// newBuild parses the command line: -C, flags of dedefer, flags of the go command,
// packages.
func newBuild(name string, args []string) (*build, error) {
	b := &build{name: name, flags: newToolexecFlags(name)}
	b.flags.set.BoolVar(&b.work, "work", false, "")
	args = b.changeDir(args)
	b.own, b.rest = b.split(args)
	if err := b.flags.parseFlags(b.own); err != nil {
		return nil, err
	}
	if b.dir == "" {
		b.rest = b.changeDir(b.rest)
	}
	return b, b.check()
}

// changeDir takes -C from the front of args.
func (b *build) changeDir(args []string) []string {
	if len(args) == 0 {
		return args
	}
	name, value, joined := flagName(args[0])
	switch {
	case name != "C":
	case joined:
		b.dir = value
		return args[1:]
	case len(args) > 1:
		b.dir = args[1]
		return args[2:]
	}
	return args
}

// split cuts args before the first one that is not a flag of dedefer.
func (b *build) split(args []string) (own, rest []string) {
	for i := 0; i < len(args); i++ {
		name, _, joined := flagName(args[i])
		f := b.flags.set.Lookup(name)
		if f == nil {
			return args[:i], args[i:]
		}
		if bf, ok := f.Value.(interface{ IsBoolFlag() bool }); !joined && !(ok && bf.IsBoolFlag()) {
			i++
		}
	}
	return args, nil
}

// flagName takes a flag apart: -name, --name, -name=value. The name of
// something else is "".
func flagName(arg string) (name, value string, joined bool) {
	arg, ok := strings.CutPrefix(arg, "-")
	if !ok {
		return "", "", false
	}
	return strings.Cut(strings.TrimPrefix(arg, "-"), "=")
}

// withValue are the flags of the go command behind which another argument is
// their value.
var withValue = strings.Fields(`C o p asmflags buildmode compiler covermode coverpkg exec gccgoflags gcflags
	installsuffix ldflags mod modfile overlay pgo pkgdir tags toolexec
	bench benchtime blockprofile blockprofilerate count coverprofile cpu cpuprofile fuzz fuzzcachedir fuzzminimizetime
	fuzztime list memprofile memprofilerate mutexprofile mutexprofilefraction outputdir parallel run shuffle skip
	timeout trace vet`)

// withoutValue are the other flags of the go command.
var withoutValue = strings.Fields(`a asan benchmem buildvcs c cover failfast fullpath i json linkshared modcacherw
	msan n race short v work x`)

// A goFlag is one of the command line that is passed on.
type goFlag struct {
	name, value string
	behind      bool // packages
}

// goFlags lists the flags of the go command, with their values. What is behind
// them are packages, and what the program or the tests are given.
func (b *build) goFlags() (flags []goFlag, behind []string) {
	for i := 0; i < len(b.rest); i++ {
		name, value, joined := flagName(b.rest[i])
		if name == "" || name == "args" {
			if name == "args" {
				return flags, behind
			}
			if b.name == "run" {
				return flags, b.rest[i : i+1]
			}
			behind = append(behind, b.rest[i])
			continue
		}
		if !joined && slices.Contains(withValue, name) && i+1 < len(b.rest) {
			i++
			value = b.rest[i]
		}
		flags = append(flags, goFlag{name, value, len(behind) > 0})
	}
	return flags, behind
}

// check finds what cannot be passed on to the go command.
func (b *build) check() error {
	// What "go env -w" has set is seen by toolexec only.
	if err := b.flags.readGoflags(); err != nil {
		return err
	}
	flags, behind := b.goFlags()
	for _, f := range flags {
		switch name := f.name; {
		case name == "toolexec":
			return errToolexec("the command line")
		case name == "compiler" && f.value == "gccgo":
			return usageErrorf("-compiler=gccgo: only gc can be given lowered files; 'dedefer rewrite -deps -o DIR' writes them for gccgo")
		case name == "work":
			b.work = true
		case name == "trimpath":
			b.trim = cmp.Or(f.value, "true")
		case b.flags.set.Lookup(name) != nil && b.name == "test":
			return usageErrorf("-%s is a flag of dedefer and comes before those of the go command: dedefer test -%[1]s ...; for a flag of the tests, write -args before it", name)
		case b.flags.set.Lookup(name) != nil:
			return usageErrorf("-%s is a flag of dedefer and comes before those of the go command: dedefer %s -%[1]s ...", name, b.name)
		case b.name == "test" && f.behind: // the test's own
		case !slices.Contains(withValue, name) && !slices.Contains(withoutValue, name):
			if meant := didYouMean("-", name, []string{"unwind", "scope", "strict", "keep"}); meant != "" {
				return usageErrorf("-%s is a flag neither of dedefer %s nor of the go command%s", name, b.name, meant)
			}
		}
	}
	if b.flags.scope == "module" && b.name != "test" {
		for _, p := range behind {
			if strings.Contains(p, "@") {
				return usageErrorf("%s belongs to no module here, and -scope=module lowers those of the main module only: use -scope=deps or -scope=all", p)
			}
		}
	}
	return nil
}

// errToolexec says that there is another -toolexec.
func errToolexec(where string) error {
	return usageErrorf("%s has a -toolexec of its own, and the go command runs only one: leave it out, or give both to 'go build' as one, with 'dedefer toolexec' last: -toolexec=\"OTHER dedefer toolexec -unwind=none\"", where)
}

// command returns the command line of the go command.
func (b *build) command() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	quote := `"`
	if strings.Contains(self, quote) {
		quote = "'"
	}
	if strings.Contains(self, quote) {
		return nil, fmt.Errorf("%s: the go command takes no name with both kinds of quotes: move dedefer elsewhere", self)
	}
	// All that decides is passed on, in one order: it is part of the key.
	toolexec := fmt.Sprintf("-toolexec=%s toolexec -goflags -unwind=%s -scope=%s", quote+self+quote, b.flags.unwind, b.flags.scope)
	if b.flags.keep {
		toolexec += " -keep"
	}
	if b.flags.strict {
		toolexec += " -strict"
	}
	if b.trim != "" {
		toolexec += " -trimpath=" + b.trim
	}
	command := []string{"go", b.name}
	if b.dir != "" {
		command = append(command, "-C", b.dir)
	}
	command = append(command, toolexec)
	if b.work {
		command = append(command, "-work")
	}
	return append(command, b.rest...), nil
}
