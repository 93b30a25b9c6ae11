package toolexec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dedefer/dedefer/rewrite/lowering"
)

// What -unwind=none changes in the module's packages is said where they are
// compiled; the go command keeps what a compiler prints, and prints it again when it
// takes the package from its cache. In the others it is counted: each archive has the
// counts of all that it depends on, and the compilation of a command says their sum.

// warn says what changes in a package of the module, or returns it as an error,
// and counts it in others. It counts what changes in tests, too: many of them end
// their goroutine with calls pending.
func (a *action) warn(losses []lowering.Loss) error {
	if len(losses) == 0 {
		return nil
	}
	if !a.unit.inModule() {
		a.member.Changes = map[string]int{a.unit.Path: len(losses)}
		return nil
	}
	var errs lowering.ErrorList
	tests := 0
	for _, l := range losses {
		if !a.opts.Strict && strings.HasSuffix(l.Pos.Filename, "_test.go") {
			tests++
			continue
		}
		errs = append(errs, lowering.Error{Pos: l.Pos, Msg: l.What.String()})
	}
	errs = errs.Sorted()
	if a.opts.Strict {
		return errs
	}
	for _, e := range errs {
		e.Msg = "warning: " + e.Msg
		fmt.Fprintln(os.Stderr, e)
	}
	if tests > 0 {
		fmt.Fprintf(os.Stderr, "warning: -unwind=none changes %d places in test files\n", tests)
	}
	return nil
}

// addChanges adds the counts of all imports.
func (a *action) addChanges() error {
	if a.opts.Unwind != lowering.None || a.opts.Scope == Module {
		return nil
	}
	for _, archive := range a.unit.Packages {
		m, err := readMember(archive)
		if err != nil {
			return err
		}
		for path, n := range m.Changes {
			if a.member.Changes == nil {
				a.member.Changes = map[string]int{}
			}
			a.member.Changes[path] = n
		}
	}
	return nil
}

// isCommand reports whether the unit is a command, and not what runs tests.
func (a *action) isCommand() bool {
	files := a.unit.Files()
	return a.unit.Path == "main" && !strings.HasSuffix(files[len(files)-1], string(filepath.Separator)+"_testmain.go")
}

// sayChanges says how much changes outside the module, of a command.
func (a *action) sayChanges() {
	total := 0
	for _, n := range a.member.Changes {
		total += n
	}
	if total > 0 && a.isCommand() && a.unit.inModule() {
		fmt.Fprintf(os.Stderr, "warning: -unwind=none changes %d more places, in %d packages of other modules and the standard library\n", total, len(a.member.Changes))
	}
}
