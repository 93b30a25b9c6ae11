package build

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	modversion "golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestWaysShareACache builds in three ways, with one cache, and again: each gets
// its own, and the second time nothing is compiled.
func TestWaysShareACache(t *testing.T) {
	m := unpack(t, "small")
	want := ""
	sums := map[string]string{}
	for round := range 2 {
		for _, w := range []way{native, none, plain} {
			exe, compiled := m.build(w, ".")
			if round == 0 {
				sums[w.String()] = sum(t, exe)
			} else {
				if len(compiled) > 0 {
					t.Errorf("%v: %v compiled again", w, compiled)
				}
				if sums[w.String()] != sum(t, exe) {
					t.Errorf("%v: another executable the second time", w)
				}
			}
			if got := callers(t, exe); w.String() == none.String() && len(got) > 0 {
				t.Errorf("%v: defer in %v", w, got)
			}
			says := m.says(exe)
			switch {
			case w.String() == native.String():
				want = says
			case w.String() == plain.String() && says != want:
				t.Errorf("native (-plain +native):\n%s", cmp.Diff(says, want))
			}
		}
	}
}

// TestRecoverFacts changes whether a method calls recover, which decides how it is
// deferred in another package.
func TestRecoverFacts(t *testing.T) {
	m := unpack(t, "small")
	const not, does = `println("close")`, `println("close", recover() != nil)`
	for _, change := range [][2]string{{}, {not, does}, {does, not}} {
		if change[0] != "" {
			m.replace("lib/lib.go", change[0], change[1])
		}
		lowered, compiled := m.build(native, ".")
		original, _ := m.build(plain, ".")
		if diff := cmp.Diff(m.says(original), m.says(lowered)); diff != "" {
			t.Errorf("after %q (-plain +native):\n%s", change, diff)
		}
		if change[1] == does && !slices.Contains(compiled, "main") {
			t.Errorf("after %q only %v compiled", change, compiled)
		}
	}
}

// TestOverlay has the go command read another file for lib.go, in which Close
// calls recover.
func TestOverlay(t *testing.T) {
	m := unpack(t, "small")
	text, err := os.ReadFile(m.path("lib/lib.go"))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.go")
	if err := harness.WriteFile(other, strings.Replace(string(text), `println("close")`, `println("close", recover() != nil)`, 1)); err != nil {
		t.Fatal(err)
	}
	m.write("overlay.json", `{"Replace": {"`+m.path("lib/lib.go")+`": "`+other+`"}}`)
	lowered, _ := m.build(native, "-overlay=overlay.json", ".")
	original, _ := m.build(plain, "-overlay=overlay.json", ".")
	got, want := m.says(lowered), m.says(original)
	if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(got, "close true") {
		t.Errorf("(-plain +native):\n%s\n%s", diff, got)
	}
}

// TestEdit compares which packages are compiled after an edit.
func TestEdit(t *testing.T) {
	m := unpack(t, "small")
	var sets [2][]string
	for i, w := range []way{plain, native} {
		m.build(w, ".")
		m.replace("lib/lib.go", "n = 2", "n = 3")
		_, sets[i] = m.build(w, ".")
		m.replace("lib/lib.go", "n = 3", "n = 2")
	}
	if diff := cmp.Diff(sets[0], sets[1]); diff != "" || len(sets[0]) != 2 {
		t.Errorf("compiled (-plain +native):\n%s", diff)
	}
}

// TestReplaced builds with a module from the module cache, and then with its files
// in a directory, by replace. With -trimpath the packages of both have one key, so
// they are treated alike; else the directory is part of the main module.
func TestReplaced(t *testing.T) {
	kinds(t)
	m := unpack(t, "deps")
	proxy := t.TempDir()
	if err := zipModule(proxy, m.path("dep")); err != nil {
		t.Fatal(err)
	}
	m.env = append(m.env, "GOMODCACHE="+t.TempDir(), "GOFLAGS=-modcacherw -mod=mod -buildvcs=false", "GOPROXY=file://"+filepath.ToSlash(proxy), "GONOSUMDB=*", "GOTOOLCHAIN=local")
	for _, test := range []struct {
		flags    []string
		replaced string // which functions of the program keep a defer statement, when there is a replace
	}{
		{[]string{"-trimpath", "."}, "example.com/dep.Loop"},
		{[]string{"."}, ""},
	} {
		replace := "replace example.com/dep => ./dep"
		m.replace("go.mod", replace, "")
		cached, _ := m.build(none, test.flags...)
		if got := strings.Join(callers(t, cached), " "); got != "example.com/dep.Loop" {
			t.Errorf("%v, from the module cache: defer in %q", test.flags, got)
		}
		m.write("go.mod", "module example.com/m\n\ngo 1.25\n\nrequire example.com/dep v1.0.0\n\n"+replace+"\n")
		replaced, compiled := m.build(none, test.flags...)
		if got := strings.Join(callers(t, replaced), " "); got != test.replaced {
			t.Errorf("%v, replaced: defer in %q, want %q", test.flags, got, test.replaced)
		}
		if test.replaced != "" && slices.Contains(compiled, "example.com/dep") {
			t.Errorf("%v: the replaced module is compiled again", test.flags)
		}
	}
}

// zipModule writes what a module proxy has of version v1.0.0 of example.com/dep, whose
// files are in dir.
func zipModule(proxy, dir string) error {
	v := modversion.Version{Path: "example.com/dep", Version: "v1.0.0"}
	at := filepath.Join(proxy, "example.com", "dep", "@v")
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	var zip bytes.Buffer
	if err := modzip.CreateFromDir(&zip, v, dir); err != nil {
		return err
	}
	for name, text := range map[string]string{"v1.0.0.info": `{"Version": "v1.0.0"}`, "v1.0.0.mod": string(mod), "v1.0.0.zip": zip.String()} {
		if err := harness.WriteFile(filepath.Join(at, name), text); err != nil {
			return err
		}
	}
	return nil
}

// TestFarm builds the same module in two directories, on two machines that share
// what GOCACHEPROG keeps: the second compiles nothing, and gets the same bytes. No
// path of a directory is in them.
func TestFarm(t *testing.T) {
	prog := filepath.Join(t.TempDir(), harness.Exe("cacheprog"))
	if _, err := (harness.Command{Dir: "testdata/cacheprog", Args: []string{"go", "build", "-o", prog, "main.go"}}).RunOK(); err != nil {
		t.Fatal(err)
	}
	shared := t.TempDir()
	var sums []string
	for i := range 2 {
		m := unpack(t, "small")
		m.env = append(m.env, "GOCACHEPROG="+prog+" "+shared, "GOCACHE="+t.TempDir())
		exe, compiled := m.build(native, "-trimpath", ".")
		sums = append(sums, sum(t, exe))
		if i == 0 != (len(compiled) > 0) {
			t.Errorf("machine %d compiled %v", i, compiled)
		}
		data, err := os.ReadFile(exe)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{m.dir, os.TempDir(), "go-build"} {
			if strings.Contains(string(data), path) {
				t.Errorf("the executable has the text %q", path)
			}
		}
	}
	if sums[0] != sums[1] {
		t.Error("the second machine has another executable")
	}
}

// TestTwoAtOnce runs the same builds at once, with an empty cache.
func TestTwoAtOnce(t *testing.T) {
	kinds(t)
	m := unpack(t, "small")
	m.env = append(m.env, "GOCACHE="+t.TempDir())
	type result struct {
		exe string
		err error
	}
	done := make(chan result)
	dir := t.TempDir()
	for i := range 2 {
		go func() {
			exe := filepath.Join(dir, string('a'+rune(i)))
			_, err := harness.Command{Dir: m.dir, Args: native.command("build", "-o", exe, "."), Env: m.env}.RunOK()
			done <- result{exe, err}
		}()
	}
	a, b := <-done, <-done
	if a.err != nil || b.err != nil {
		t.Fatal(a.err, b.err)
	}
	if sum(t, a.exe) != sum(t, b.exe) {
		t.Error("two executables from one source")
	}
}

// TestKill kills builds in the middle, then builds each of their programs from the
// cache that they left, and compares them with those from another cache.
func TestKill(t *testing.T) {
	m := unpack(t, "small")
	caches := [2]string{t.TempDir(), t.TempDir()}
	base := slices.Clip(m.env)
	m.env = append(base, "GOCACHE="+caches[0])
	m.build(native, ".")
	if err := os.CopyFS(filepath.Join(caches[1], "copy"), os.DirFS(caches[0])); err != nil {
		t.Fatal(err)
	}
	caches[1] = filepath.Join(caches[1], "copy")
	value := func(i int) {
		m.write("lib/value.go", "package lib\n\nfunc init() { defer println("+strconv.Itoa(i)+") }\n")
	}
	value(*killsFlag)
	start := time.Now()
	m.build(native, ".")
	whole := time.Since(start)
	killed := 0
	for i := range *killsFlag {
		value(i)
		cmd := exec.Command(tool, "build", "-unwind=native", "-o", filepath.Join(t.TempDir(), "exe"), ".")
		cmd.Dir, cmd.Env = m.dir, append(os.Environ(), m.env...)
		group(cmd)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(rand.N(whole), func() { killGroup(cmd) })
		if err := cmd.Wait(); err != nil {
			killed++
		}
		timer.Stop()
	}
	t.Logf("%d of %d builds killed", killed, *killsFlag)
	for i := range *killsFlag {
		value(i)
		if !m.sameFrom(caches, base) {
			t.Errorf("build %d: another executable from the cache of builds that were killed", i)
		}
	}
}

// sameFrom reports whether builds with the two caches, in the environment env
// otherwise, make the same executable.
func (m *module) sameFrom(caches [2]string, env []string) bool {
	m.t.Helper()
	var sums [2]string
	for i, cache := range caches {
		m.env = append(env, "GOCACHE="+cache)
		exe, _ := m.build(native, ".")
		sums[i] = sum(m.t, exe)
	}
	return sums[0] == sums[1]
}
