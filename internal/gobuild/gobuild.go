// Package gobuild makes the command line of the go command of one that dedefer has of the same
// name, with its own flags in front:
//
//	dedefer build -unwind=none -scope=all -race ./cmd/x
//	go build -toolexec="dedefer toolexec -unwind=none -scope=all" -race ./cmd/x
//
// There is nothing else to do for dedefer. So it becomes the go command before the rest of
// the program is initialised (early_unix.go), which would take as long as all that the
// package does, and this package imports no more than it must.
package gobuild

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/goflags"
	"github.com/dedefer/dedefer/internal/modeflags"
	"github.com/dedefer/dedefer/internal/usage"
)

// Names are the commands.
var Names = []string{"build", "test", "run", "install"}

// A Build is the command line of build, test, run or install.
type Build struct {
	Work bool // -work

	name  string
	dir   string   // -C
	rest  []string // what the go command gets as it is
	flags *modeflags.Flags
	trim  string // the value of -trimpath; "" where it is not given
}

// New parses the command line: -C, flags of dedefer, flags of the go command, packages.
// An error is flag.ErrHelp or a *usage.Error.
func New(name string, args []string) (*Build, error) {
	if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
		return nil, flag.ErrHelp
	}
	b := &Build{name: name, flags: modeflags.New(name)}
	b.flags.StrictVar()
	b.flags.ScopeVar()
	b.flags.Set.BoolVar(&b.Work, "work", false, "")
	own, rest := b.split(b.changeDir(args))
	b.rest = rest
	if err := b.flags.Parse(own); err != nil {
		return nil, err
	}
	if b.dir == "" {
		b.rest = b.changeDir(b.rest)
	}
	return b, b.check()
}

// changeDir takes -C from the front of args.
func (b *Build) changeDir(args []string) []string {
	if len(args) == 0 {
		return args
	}
	name, value, joined := modeflags.Name(args[0])
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
func (b *Build) split(args []string) (own, rest []string) {
	for i := 0; i < len(args); i++ {
		name, _, joined := modeflags.Name(args[i])
		f := b.flags.Set.Lookup(name)
		if f == nil {
			return args[:i], args[i:]
		}
		if bf, ok := f.Value.(interface{ IsBoolFlag() bool }); !joined && !(ok && bf.IsBoolFlag()) {
			i++
		}
	}
	return args, nil
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
func (b *Build) goFlags() (flags []goFlag, behind []string) {
	for i := 0; i < len(b.rest); i++ {
		name, value, joined := modeflags.Name(b.rest[i])
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
func (b *Build) check() error {
	// What "go env -w" has set is seen by toolexec only.
	if _, err := Goflags(); err != nil {
		return err
	}
	flags, behind := b.goFlags()
	for _, f := range flags {
		switch name := f.name; {
		case name == "toolexec":
			return errToolexec("the command line")
		case name == "compiler" && f.value == "gccgo":
			return usage.Errorf("-compiler=gccgo: only gc can be given lowered files; 'dedefer rewrite -deps -o DIR' writes them for gccgo")
		case name == "work":
			b.Work = true
		case name == "trimpath":
			b.trim = cmp.Or(f.value, "true")
		case b.flags.Set.Lookup(name) != nil && b.name == "test":
			return usage.Errorf("-%s is a flag of dedefer and comes before those of the go command: dedefer test -%[1]s ...; for a flag of the tests, write -args before it", name)
		case b.flags.Set.Lookup(name) != nil:
			return usage.Errorf("-%s is a flag of dedefer and comes before those of the go command: dedefer %s -%[1]s ...", name, b.name)
		case b.name == "test" && f.behind: // the test's own
		case !slices.Contains(withValue, name) && !slices.Contains(withoutValue, name):
			if meant := usage.DidYouMean("-", name, []string{"unwind", "scope", "strict", "keep"}); meant != "" {
				return usage.Errorf("-%s is a flag neither of dedefer %s nor of the go command%s", name, b.name, meant)
			}
		}
	}
	if b.flags.Scope == "module" && b.name != "test" {
		for _, p := range behind {
			if strings.Contains(p, "@") {
				return usage.Errorf("%s belongs to no module here, and -scope=module lowers those of the main module only: use -scope=deps or -scope=all", p)
			}
		}
	}
	return nil
}

// Goflags returns the flags in GOFLAGS. A -toolexec among them is an error.
func Goflags() ([]string, error) {
	flags, err := goflags.Split(os.Getenv("GOFLAGS"))
	if err != nil {
		return nil, usage.Errorf("GOFLAGS: %v", err)
	}
	for _, flag := range flags {
		if name, value, _ := modeflags.Name(flag); name == "toolexec" && value != "" {
			return nil, errToolexec("GOFLAGS")
		}
	}
	return flags, nil
}

// errToolexec says that there is another -toolexec.
func errToolexec(where string) error {
	return usage.Errorf("%s has a -toolexec of its own, and the go command runs only one: leave it out, or give both to 'go build' as one, with 'dedefer toolexec' last: -toolexec=\"OTHER dedefer toolexec -unwind=none\"", where)
}

// Command returns the command line of the go command.
func (b *Build) Command() ([]string, error) {
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
	toolexec := fmt.Sprintf("-toolexec=%s toolexec -goflags -unwind=%s -scope=%s", quote+self+quote, b.flags.Unwind, b.flags.Scope)
	if b.flags.Keep {
		toolexec += " -keep"
	}
	if b.flags.Strict {
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
	if b.Work {
		command = append(command, "-work")
	}
	return append(command, b.rest...), nil
}
