package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKinds builds in each way that the go command has, and compares what the
// programs print, where they run here.
func TestKinds(t *testing.T) {
	for _, test := range []struct {
		name   string
		module string // of testdata
		env    string
		flags  []string
		kinds  bool   // only with -kinds
		long   bool   // only with -builds
		need   string // a program
		runs   bool
		prep   func(m *module)
	}{
		{name: "asm", module: "asm", runs: true},
		{name: "embed", module: "embed", runs: true},
		{name: "byte order mark", module: "bom", runs: true},
		{name: "vendor", module: "deps", flags: []string{"-mod=vendor"}, runs: true, prep: func(m *module) { m.ok("go", "mod", "vendor") }},
		{name: "workspace", module: "deps", env: "GOWORK=", kinds: true, runs: true, prep: func(m *module) {
			m.write("go.work", "go 1.25\n\nuse .\nuse ./dep\n")
			m.env = append(m.env, "GOWORK="+m.path("go.work"))
		}},
		{name: "arm64", module: "small", env: "GOARCH=arm64", kinds: true},
		{name: "windows", module: "small", env: "GOOS=windows", kinds: true},
		{name: "js", module: "small", env: "GOOS=js GOARCH=wasm", kinds: true},
		{name: "gcflags", module: "small", flags: []string{"-gcflags=-N -l"}, kinds: true, runs: true},
		{name: "cgo", module: "cgo", need: "gcc", long: true, runs: true},
		{name: "c-shared", module: "cgo", flags: []string{"-buildmode=c-shared"}, need: "gcc", long: true},
		{name: "pie", module: "small", flags: []string{"-buildmode=pie"}, long: true, runs: true},
		{name: "race", module: "small", flags: []string{"-race"}, need: "gcc", long: true, runs: true},
		{name: "pgo", module: "pgo", flags: []string{"-pgo=cpu.pprof"}, long: true, runs: true, prep: func(m *module) { m.ok("go", "run", "-pgo=off", ".", "cpu.pprof") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.kinds {
				kinds(t)
			}
			if test.long {
				long(t)
			}
			if _, err := exec.LookPath(test.need); test.need != "" && err != nil {
				t.Skipf("no %s", test.need)
			}
			m := unpack(t, test.module)
			if test.env != "" {
				m.env = append(m.env, strings.Fields(test.env)...)
			}
			if test.prep != nil {
				test.prep(m)
			}
			ways := []way{native, {"-unwind=native", "-scope=deps"}}
			if !*kindsFlag && !*buildsFlag && test.module != "deps" {
				ways = ways[:1]
			}
			for _, w := range ways {
				lowered, _ := m.build(w, append(test.flags, ".")...)
				if !test.runs {
					continue
				}
				original, _ := m.build(plain, append(test.flags, ".")...)
				if diff := cmp.Diff(m.says(original), m.says(lowered)); diff != "" {
					t.Errorf("%v (-plain +lowered):\n%s", w, diff)
				}
			}
		})
	}
}

// TestPlugin builds a plugin and the program that opens it. These have the same
// packages only if both are lowered, or none.
func TestPlugin(t *testing.T) {
	long(t)
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no gcc")
	}
	m := unpack(t, "plugin")
	says := map[string]string{}
	for _, w := range []way{plain, native, {"-unwind=native", "-scope=all"}} {
		host, _ := m.build(w, ".")
		plugin, _ := m.build(w, "-buildmode=plugin", "./p")
		says[w.String()] = m.says(host, plugin)
		if diff := cmp.Diff(says[plain.String()], says[w.String()]); diff != "" {
			t.Errorf("%v (-plain +lowered):\n%s", w, diff)
		}
	}
}

// TestDebugger stops a function that defers in a loop, and looks at its variables.
func TestDebugger(t *testing.T) {
	long(t)
	if _, err := exec.LookPath("dlv"); err != nil {
		t.Skip("no dlv")
	}
	m := unpack(t, "small")
	m.env = append(m.env, "XDG_CONFIG_HOME="+t.TempDir())
	m.write("commands", "break main.go:16\ncontinue\nprint n\nprint *c\nstack 1\nexit\n")
	says := map[string]string{}
	for _, w := range []way{plain, native} {
		exe, _ := m.build(w, "-gcflags=all=-N -l", ".")
		r := m.run("dlv", "exec", exe, "--allow-non-terminal-interactive", "--init=commands")
		says[w.String()] = regexp.MustCompile(`0x[0-9a-f]+`).ReplaceAllString(r.Stdout+r.Stderr, "ADDR")
	}
	if diff := cmp.Diff(says[plain.String()], says[native.String()]); diff != "" {
		t.Errorf("(-plain +native):\n%s", diff)
	}
	if want := "main.counter {n: 0}"; !strings.Contains(says[native.String()], want) {
		t.Errorf("it does not print %q:\n%s", want, says[native.String()])
	}
}

// TestFuzz fuzzes a test for some calls.
func TestFuzz(t *testing.T) {
	long(t)
	m := unpack(t, "tests")
	r := m.ok(native.command("test", "-fuzz=FuzzTwice", "-fuzztime=1000x", "./other")...)
	if !strings.Contains(r.Stdout, "fuzz: elapsed") {
		t.Errorf("it did not fuzz:\n%s", r.Stdout)
	}
}

// TestErrors compares what is said of packages that do not compile.
func TestErrors(t *testing.T) {
	for name, text := range map[string]string{
		"syntax":      "package lib\n\nfunc F() {\n\tdefer\n}\n",
		"types":       "package lib\n\nfunc F() {\n\tdefer println()\n\tvar n int = \"x\"\n\tm := y\n}\n",
		"unused":      "package lib\n\nimport \"errors\"\n\nfunc F() {\n\tdefer println()\n\tn := 1\n}\n",
		"no defer":    "package lib\n\nfunc F() { x }\n",
		"the defer":   "package lib\n\nfunc F() {\n\tdefer recover\n\tdefer len(\"x\")\n}\n",
		"the backend": "package lib\n\nfunc F() {\n\tdefer println()\n\tvar big [1 << 40]byte\n\tprintln(big[0])\n\tG()\n}\n\nfunc G()\n",
		"import":      "package lib\n\nimport \"example.com/small\"\n\nfunc F() { defer println() }\n",
	} {
		t.Run(name, func(t *testing.T) {
			m := unpack(t, "small")
			m.write("lib/lib.go", text)
			want := m.run("go", "build", "./lib")
			got := m.run(native.command("build", "./lib")...)
			if diff := cmp.Diff(want.Stderr, got.Stderr); diff != "" || want.Exit != got.Exit || got.Exit == 0 {
				t.Errorf("exits %d and %d (-plain +lowered):\n%s", want.Exit, got.Exit, diff)
			}
		})
	}
}

// TestRedeclared builds a package in which no file can name what the runtime
// needs.
func TestRedeclared(t *testing.T) {
	m := unpack(t, "redeclared")
	original, _ := m.build(plain, ".")
	lowered, _ := m.build(native, ".")
	if diff := cmp.Diff(m.says(original), m.says(lowered)); diff != "" {
		t.Errorf("(-plain +native):\n%s", diff)
	}
	exe, _ := m.build(none, ".")
	if got := callers(t, exe); len(got) > 0 {
		t.Errorf("none: defer in %v", got)
	}
}

// TestChanges looks at what is said of -unwind=none, also when nothing is
// compiled, and that -strict refuses.
func TestChanges(t *testing.T) {
	m := unpack(t, "small")
	warnings := ""
	for i := range 2 {
		r := m.ok(none.command("build", "-o", filepath.Join(m.dir, "exe"), ".")...)
		for _, want := range []string{"main.go:10:23: warning: this recover can no longer fire\n", "lib.go:13:6: warning: this recover can no longer fire\n"} {
			if !strings.Contains(r.Stderr, want) {
				t.Errorf("build %d: it does not say %q:\n%s", i, want, r.Stderr)
			}
		}
		if i > 0 && r.Stderr != warnings {
			t.Errorf("from the cache it says\n%s\nnot\n%s", r.Stderr, warnings)
		}
		warnings = r.Stderr
	}
	strict := append(slices.Clip(none), "-strict")
	r := m.run(strict.command("build", "./lib")...) // which imports nothing: no package need be compiled for it
	if r.Exit != 1 || !strings.Contains(r.Stderr, "lib.go:13:6: this recover can no longer fire\n") {
		t.Errorf("-strict: exit %d\n%s", r.Exit, r.Stderr)
	}
}

// TestTests runs tests of all kinds, with coverage: in the package, beside it, of
// another one that imports it; and looks whether their results are kept.
func TestTests(t *testing.T) {
	m := unpack(t, "tests")
	profiles := map[string]string{}
	for _, flags := range [][]string{{"-coverprofile=c.out"}, {"-coverprofile=c.out", "-coverpkg=./..."}} {
		for _, w := range []way{plain, native} {
			r := m.ok(w.command("test", append(flags, "./...")...)...)
			if again := m.ok(w.command("test", append(flags, "./...")...)...); strings.Count(again.Stdout, "(cached)") != 2 {
				t.Errorf("%v %v, again:\n%s", w, flags, again.Stdout)
			}
			data, err := os.ReadFile(m.path("c.out"))
			if err != nil {
				t.Fatal(err, r)
			}
			lines := strings.Split(string(data), "\n") // of the packages in any order
			slices.Sort(lines)
			profiles[w.String()] = strings.Join(lines, "\n")
		}
		if diff := cmp.Diff(profiles[plain.String()], profiles[native.String()]); diff != "" {
			t.Errorf("%v: profile (-plain +native):\n%s", flags, diff)
		}
	}
	// What a failing test says, with the lines of the source.
	fails := func(w way) string {
		r := m.run(w.command("test", "-count=1", "-run=Fails", "./lib", "-failing")...)
		return duration.ReplaceAllString(r.Stdout, "TIME")
	}
	if diff := cmp.Diff(fails(plain), fails(native)); diff != "" || !strings.Contains(fails(native), "lib_test.go:22") {
		t.Errorf("a failing test (-plain +native):\n%s\n%s", diff, fails(native))
	}
}
