package build

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoDeferLeft builds whole programs without defer statements, looks for
// functions that call the runtime for them nevertheless, and runs the programs.
func TestNoDeferLeft(t *testing.T) {
	for _, test := range []struct {
		module string
		long   bool
		prep   func(m *module)
	}{
		{module: "hello"},
		{module: "http", long: true},
		{module: "gin", long: true, prep: func(m *module) { m.ok("go", "mod", "tidy") }},
	} {
		t.Run(test.module, func(t *testing.T) {
			if test.long {
				long(t)
			}
			m := unpack(t, test.module)
			if test.prep != nil {
				test.prep(m)
			}
			exe, _ := m.build(all, ".")
			if got := callers(t, exe); len(got) > 0 {
				t.Errorf("%d functions call the runtime for a defer statement:\n%s", len(got), strings.Join(got, "\n"))
			}
			if !test.long {
				m.ok(exe)
				return
			}
			original, _ := m.build(plain, ".")
			if got := callers(t, original); len(got) < 100 {
				t.Errorf("only %d functions call it in the original", len(got))
			}
			if diff := cmp.Diff(m.says(original), m.says(exe)); diff != "" {
				t.Errorf("(-plain +none):\n%s", diff)
			}
			if a, b := size(t, exe), size(t, original); a > b {
				t.Errorf("text grew from %d to %d bytes", b, a)
			}
			lowered, _ := m.build(way{"-scope=all"}, ".")
			if diff := cmp.Diff(m.says(original), m.says(lowered)); diff != "" {
				t.Errorf("(-plain +native):\n%s", diff)
			}
		})
	}
}

// size returns the number of bytes of an executable's code.
func size(t *testing.T, exe string) uint64 {
	t.Helper()
	n, err := textSize(exe)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStd runs the tests of packages of the standard library, lowered with all
// that they import.
func TestStd(t *testing.T) {
	if *stdFlag == "" {
		t.Skip("only with -std")
	}
	differ, err := os.ReadFile("../std_differ.txt")
	if err != nil {
		t.Fatal(err)
	}
	m := &module{t: t, dir: t.TempDir()}
	for _, path := range strings.Split(*stdFlag, ",") {
		r := m.run(way{"-scope=all"}.command("test", "-short", "-v", path)...)
		for line := range strings.Lines(r.Stdout) {
			name, ok := strings.CutPrefix(line, "--- FAIL: ")
			if name, _, _ = strings.Cut(name, " "); ok && !strings.Contains(string(differ), " "+path+" "+name+" ") {
				t.Errorf("%s: %s fails", path, name)
			}
		}
		if r.Exit != 0 && !strings.Contains(r.Stdout, "--- FAIL: ") {
			t.Errorf("%s: exit %d\n%s%s", path, r.Exit, r.Stdout, r.Stderr)
		}
		t.Logf("%s: %d tests pass", path, strings.Count(r.Stdout, "--- PASS: "))
	}
}

var (
	// What a test says that passes.
	passLine = regexp.MustCompile(`(?m)^--- PASS: (\S+)`)

	// A process that waits for something says so after a while.
	limit = "-test.timeout=1m"

	// How a process ends in which a panic is not recovered, or in which a goroutine that ends
	// by runtime.Goexit tells nobody, as testing.T.Skip does ("panic: test timed out").
	noUnwinding = regexp.MustCompile(`panic: |fatal error: |SIG[A-Z]+: `)
)

// TestStdNone builds the tests of packages of the standard library with -unwind=none,
// without a defer statement in any package but the Go runtime, and runs them. A test that
// is lost is run again by itself: a panic has to be what ends it.
func TestStdNone(t *testing.T) {
	if *stdNoneFlag == "" {
		t.Skip("only with -std.none")
	}
	m := &module{t: t, dir: t.TempDir()}
	goroot := strings.TrimSpace(m.ok("go", "env", "GOROOT").Stdout)
	for _, path := range strings.Split(*stdNoneFlag, ",") {
		want := passing(m.run("go", "test", "-short", "-v", path).Stdout)
		exe := m.path("exe")
		if r := m.run(all.command("test", "-c", "-o", exe, path)...); r.Exit != 0 {
			t.Errorf("%s: %s", path, r.Stderr)
			continue
		}
		if got := callers(t, exe); len(got) > 0 {
			t.Errorf("%s: %d functions call the runtime for a defer statement:\n%s", path, len(got), strings.Join(got, "\n"))
		}
		dir := m.dir
		m.dir = filepath.Join(goroot, "src", path)
		got := passing(m.run(exe, "-test.short", "-test.v", limit).Stdout)
		var alone, unwound int
		for _, name := range want {
			if slices.Contains(got, name) {
				continue
			}
			r := m.run(exe, "-test.short", "-test.v", limit, "-test.run=^"+name+"$")
			switch {
			case slices.Contains(passing(r.Stdout), name):
				alone++
			case noUnwinding.MatchString(r.Stdout + r.Stderr):
				unwound++
			default:
				t.Errorf("%s: %s fails, and nothing panics\n%s%s", path, name, r.Stdout, r.Stderr)
			}
		}
		m.dir = dir
		t.Logf("%s: of %d tests %d pass, %d of these alone, %d end in a panic", path, len(want), len(want)-unwound, alone, unwound)
	}
}

// passing returns the tests that pass, without subtests.
func passing(output string) (names []string) {
	for _, match := range passLine.FindAllStringSubmatch(output, -1) {
		names = append(names, match[1])
	}
	return names
}
