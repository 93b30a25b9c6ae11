package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// TestGorootRuntime rewrites the external tests of package runtime and of the
// packages below it, and the programs that these tests build and run. They
// stay where they are, and with them all that only GOROOT's packages may use:
// the go command takes the rewritten files from an overlay. The packages
// themselves stay as they are.
func TestGorootRuntime(t *testing.T) {
	if !*gorootFlag {
		t.Skip("takes some minutes: run it with -goroot")
	}
	src := filepath.Join(goroot(t), "src")
	list, err := harness.Command{
		Dir:  src,
		Args: []string{"go", "list", "-deps", "-f", "{{if .XTestGoFiles}}{{.ImportPath}}{{end}}", "runtime"},
	}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(list.Stdout)
	rewritten := slices.Clone(packages)
	for _, program := range []string{"testprog", "testprognet", "testprogcgo"} {
		if program != "testprogcgo" || cgoWorks(t) {
			rewritten = append(rewritten, "./runtime/testdata/"+program)
		}
	}
	before := goTest{dir: src, packages: packages, flags: []string{"-vet=off"}, timeout: time.Hour}
	std := &stdlib{src: src, packages: rewritten}
	std.compareModes(t, before, func(t *testing.T, flags []string) goTest {
		overlay := std.overlay(t, flags)
		kept, err := keepExternal(overlay)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d of them taken", kept)
		after := before
		// The tests run go build: it has to see the overlay too.
		after.env = []string{"GOFLAGS=" + goflags(t) + " '-overlay=" + overlay + "'"}
		return after
	})
}

// TestGorootTests copies tests of the compiler, which need nothing of it, into
// a module, and rewrites that.
func TestGorootTests(t *testing.T) {
	if !*gorootFlag {
		t.Skip("takes a minute: run it with -goroot")
	}
	src := t.TempDir()
	if err := writeFile(src, "go.mod", []byte("module "+sharedModule+"\n\ngo 1.26\n")); err != nil {
		t.Fatal(err)
	}
	internal := filepath.Join(goroot(t), "src", "cmd", "compile", "internal")
	for name, dir := range map[string]string{"rangefunc": "rangefunc", "ssa": "test/testdata"} {
		files, err := filepath.Glob(filepath.Join(internal, filepath.FromSlash(dir), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err == nil {
				err = writeFile(src, name+"/"+filepath.Base(file), data)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	before := goTest{dir: src, packages: []string{"./..."}}
	std := &stdlib{src: src}
	std.compareModes(t, before, func(t *testing.T, flags []string) goTest {
		out := filepath.Join(t.TempDir(), "out")
		if _, err := rewrite(src, append(flags, "-o", out)...); err != nil {
			t.Fatal(err)
		}
		return before.in(out)
	})
}

// compareModes runs tests before and after a rewrite, without and with -lines.
func (s *stdlib) compareModes(t *testing.T, before goTest, rewritten func(t *testing.T, flags []string) goTest) {
	differ, err := readStdDifferences("goroot_differ.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := before.baseline(t)
	t.Logf("before:     %v", want)
	for _, m := range []mode{native, lines} {
		t.Run(m.name, func(t *testing.T) {
			s.compare(t, m.name, before, rewritten(t, m.flags), want, differ)
		})
	}
}

func goflags(t *testing.T) string {
	r, err := harness.Command{Args: []string{"go", "env", "GOFLAGS"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(r.Stdout)
}

var external = regexp.MustCompile(`(?m)^package (main|dedefer|\w+_test)$`)

// keepExternal drops the files of the packages that are tested from an overlay,
// and returns how many it keeps.
func keepExternal(file string) (int, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &overlay); err != nil {
		return 0, err
	}
	for old, name := range overlay.Replace {
		src, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		if !external.Match(src) {
			delete(overlay.Replace, old)
		}
	}
	if data, err = json.Marshal(overlay); err != nil {
		return 0, err
	}
	return len(overlay.Replace), os.WriteFile(file, data, 0o666)
}
