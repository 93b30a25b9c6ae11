package toolexec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write writes a file, and returns its name.
func write(t *testing.T, dir, base, text string) string {
	t.Helper()
	name := filepath.Join(dir, base)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestUnit(t *testing.T) {
	dir := t.TempDir()
	cfg := write(t, dir, "importcfg", "# import config\nimportmap golang.org/x/a=vendor/golang.org/x/a\npackagefile fmt=/c/fmt.a\npackagefile vendor/golang.org/x/a=/c/a.a\n")
	out := filepath.Join(dir, "_pkg_.a")
	args := []string{"/go/compile", "-o", out, "-trimpath", "/src/p=>example.com/p;" + dir + "=>", "-p", "example.com/p", "-lang=go1.25", "-std",
		"-complete", "-buildid", "x/x", "-goversion", "go1.26.8", "-c=2", "-importcfg", cfg, "-pack", "/src/p/a.go", "/src/p/b.go"}
	want := &Unit{
		Args: args, First: len(args) - 2, Path: "example.com/p", Out: out, Lang: "go1.25", Go: "go1.26.8", Std: true,
		Packages: map[string]string{"fmt": "/c/fmt.a", "vendor/golang.org/x/a": "/c/a.a"},
		Imports:  map[string]string{"golang.org/x/a": "vendor/golang.org/x/a"},
		Trims:    []Trim{{"/src/p", "example.com/p"}, {dir, ""}},
	}
	got, err := NewUnit(args)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	for _, args := range [][]string{{"compile", "-V=full"}, {"compile", "-d", "help"}, {"compile", "-o", "x.o", "x.go"}} {
		if u, err := NewUnit(args); u != nil || err != nil {
			t.Errorf("%q: %v, %v, want no unit", args, u, err)
		}
	}
}

func TestResponseFile(t *testing.T) {
	dir := t.TempDir()
	args := []string{"compile", "-p", "p", "a\nb", `c\n`, strings.Repeat("x", longest)}
	short, err := shorten(args, dir)
	if err != nil || len(short) != 2 {
		t.Fatalf("%d arguments, %v", len(short), err)
	}
	got, err := expand(short)
	if diff := cmp.Diff(args, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if short, err = shorten(args[:3], dir); err != nil || len(short) != 3 {
		t.Errorf("%q, %v", short, err)
	}
}

func TestScope(t *testing.T) {
	t.Setenv("GOMODCACHE", "/go/pkg/mod")
	dir := t.TempDir()
	made := write(t, dir, "x.cgo1.go", "// Code generated\n\n//line /go/pkg/mod/example.com/d@v1.0.0/x.go:1:1\npackage d\n")
	own := []Trim{{dir, ""}}
	vendor := filepath.Dir(write(t, dir, "vendor/modules.txt", "# example.com/d v1.0.0\n"))
	for _, test := range []struct {
		name  string
		path  string
		std   bool
		file  string
		trims []Trim
		in    string // the scopes that it is in
	}{
		{"module", "example.com/m", false, "/src/m/a.go", own, "module deps all"},
		{"module cache", "example.com/d", false, "/go/pkg/mod/example.com/d@v1.0.0/a.go", own, "deps all"},
		{"beside the module cache", "example.com/d", false, "/go/pkg/mod2/a.go", own, "module deps all"},
		{"vendor", "example.com/d", false, vendor + "/example.com/d/a.go", own, "deps all"},
		{"in a directory called vendor", "example.com/d", false, "/src/vendor/example.com/d/a.go", own, "module deps all"},
		{"cgo", "example.com/d", false, made, own, "deps all"},
		{"overlay", "example.com/d", false, "/over/a.go", []Trim{{"/over/a.go", vendor + "/example.com/d/a.go"}, {dir, ""}}, "deps all"},
		{"std", "fmt", true, "/usr/local/go/src/fmt/print.go", own, "all"},
		{"runtime", "runtime", true, "/usr/local/go/src/runtime/panic.go", own, ""},
		{"below runtime", "internal/runtime/maps", true, "/x/map.go", own, ""},
		{"runtime/debug", "runtime/debug", true, "/x/map.go", own, "all"},
		{"trimpath, module", "example.com/m", false, "/go/pkg/mod/m/a.go", []Trim{{"/go/pkg/mod/m", "example.com/m"}, {dir, ""}}, "module deps all"},
		// The same files have the same key, so they are treated alike.
		{"trimpath, module cache", "example.com/d", false, "/go/pkg/mod/example.com/d@v1.0.0/a.go", []Trim{{"/go/pkg/mod/example.com/d@v1.0.0", "example.com/d@v1.0.0"}, {dir, ""}}, "deps all"},
		{"trimpath, replaced", "example.com/d", false, "/src/d/a.go", []Trim{{"/src/d", "example.com/d@v1.0.0"}, {dir, ""}}, "deps all"},
	} {
		u := &Unit{Args: []string{"compile", test.file}, First: 1, Path: test.path, Std: test.std, Out: filepath.Join(dir, "_pkg_.a"), Trims: test.trims}
		var in []string
		for _, s := range []Scope{Module, Deps, All} {
			if u.in(s) {
				in = append(in, string(s))
			}
		}
		if got := strings.Join(in, " "); got != test.in {
			t.Errorf("%s: in %q, want %q", test.name, got, test.in)
		}
	}
}

func TestMember(t *testing.T) {
	dir := t.TempDir()
	const other = "other/          0           0     0     644     3         `\nabc\n"
	archive := write(t, dir, "p.a", "!<arch>\n"+other)
	if m, err := readMember(archive); err != nil || !m.empty() {
		t.Errorf("%v, %v", m, err)
	}
	want := &Member{Recovering: []string{"F", "T.Close"}, Changes: map[string]int{"b": 2, "a": 1}}
	if err := appendMember(archive, want); err != nil {
		t.Fatal(err)
	}
	got, err := readMember(archive)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if data, err := os.ReadFile(archive); err != nil || len(data)%2 != 0 || !strings.HasPrefix(string(data), "!<arch>\n"+other) {
		t.Errorf("%v: %q", err, data)
	}
	if _, err := readMember(write(t, dir, "q.a", "!<arch>\n"+strings.Repeat("x", 60))); err == nil {
		t.Error("no error for something else")
	}
}

func TestNewerCompiler(t *testing.T) {
	if err := checkVersion("go1.99.1"); err == nil || !strings.Contains(err.Error(), "cannot read what go1.99.1 compiles") {
		t.Error(err)
	}
	for _, v := range []string{"", "go1.21.0", "go1.25"} {
		if err := checkVersion(v); err != nil {
			t.Error(v, err)
		}
	}
}
