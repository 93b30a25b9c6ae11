package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

// someStd are packages with many defers, or that others rely on most, and
// whose tests are quick.
var someStd = []string{
	"archive/zip", "bufio", "bytes", "compress/gzip", "container/list", "context", "crypto/tls",
	"database/sql", "encoding/gob", "encoding/json", "encoding/xml", "errors", "expvar", "flag", "fmt",
	"go/ast", "go/format", "go/parser", "go/printer", "go/types", "html/template", "io", "io/fs", "iter",
	"internal/poll", "internal/singleflight", "internal/sync", "log", "log/slog", "math/big", "mime/multipart", "net/http", "net/http/cookiejar",
	"net/http/httptest", "net/http/httputil", "net/rpc", "net/textproto", "os", "os/exec", "os/signal",
	"path/filepath", "reflect", "regexp", "runtime/debug", "slices", "sort", "strings", "sync", "sync/atomic",
	"testing", "testing/fstest", "testing/iotest", "testing/synctest", "text/tabwriter", "text/template",
	"text/template/parse", "unique", "weak",
}

// TestStd rewrites the whole standard library, except the Go runtime and what
// it is made of, tests included. The go command then takes the rewritten files
// in the place of GOROOT's, and runs the packages' own tests. In the end dedefer
// test runs them, which lowers what it builds.
func TestStd(t *testing.T) {
	if *stdFlag == "" {
		t.Skip(`takes some minutes: run it with -std=some`)
	}
	std := newStdlib(t)
	var tested []string
	switch *stdFlag {
	case "some":
		tested = someStd
	case "all":
		tested = std.packages
	default:
		tested = strings.Split(*stdFlag, ",")
	}
	differ, err := readStdDifferences("std_differ.txt")
	if err != nil {
		t.Fatal(err)
	}
	// Of the test of a server among others, there is no telling a slow machine
	// from a slow rewrite.
	before := goTest{dir: std.src, packages: tested, flags: []string{"-vet=off", "-p=2"}, timeout: time.Hour}
	want := before.run(t)
	t.Logf("before:     %v", want)
	for _, m := range modes {
		if m.name == "none" {
			continue // package testing itself relies on recover
		}
		t.Run(m.name, func(t *testing.T) {
			after := before
			after.flags = append(slices.Clone(before.flags), "-overlay="+std.overlay(t, m.flags))
			std.compare(t, m.name, before, after, want, differ)
		})
	}
	t.Run("build", func(t *testing.T) {
		after := before
		after.by = []string{tool, "test", "-scope=all"}
		std.compare(t, "build", before, after, want, differ)
	})
}

// compare runs the tests over the overlay of a mode. What passed before has to
// pass, if need be at a second try, or is known to fail.
func (s *stdlib) compare(t *testing.T, mode string, before, after goTest, want outcomes, differ []stdDifference) {
	got := after.run(t)
	if lost := want.lost(got); len(lost) > 0 {
		got.improve(after.only(lost).run(t))
	}
	var flaky, expected, shown int
	for _, name := range want.lost(got) {
		if d := expectedStd(differ, mode, name); d != nil {
			t.Logf("as expected %s does not pass: %s", name, d.reason)
			expected++
			continue
		}
		if again := before.only([]string{name}).run(t); again[name] != "pass" {
			t.Logf("%s does not always pass before the rewrite", name)
			flaky++
			continue
		}
		t.Errorf("%s passed before the rewrite, %q after it", name, got[name])
		if shown++; shown <= 5 {
			t.Log(harness.Clip(after.output(t, name), 40))
		}
	}
	t.Logf("%-11s %v; %d differ as expected, %d do not always pass before", mode+":", got, expected, flaky)
}

// A stdlib is the standard library of the Go that runs the test.
type stdlib struct {
	src      string   // GOROOT/src
	packages []string // all that are rewritten
}

func newStdlib(t *testing.T) *stdlib {
	goroot, err := harness.Command{Args: []string{"go", "env", "GOROOT"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	s := &stdlib{src: filepath.Join(strings.TrimSpace(goroot.Stdout), "src")}
	list := func(args ...string) []string {
		r, err := harness.Command{Dir: s.src, Args: append([]string{"go", "list"}, args...)}.RunOK()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(r.Stdout)
	}
	below := list("-deps", "runtime")
	for _, p := range list("std") {
		if !slices.Contains(below, p) && !strings.HasPrefix(p, "vendor/") {
			s.packages = append(s.packages, p)
		}
	}
	t.Logf("%d packages, without the %d that the Go runtime is made of", len(s.packages), len(below))
	return s
}

// overlay rewrites all packages and returns the name of a file for the go
// command's -overlay.
func (s *stdlib) overlay(t *testing.T, flags []string) string {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	args := slices.Concat([]string{tool, "rewrite"}, flags, []string{"-o", out}, s.packages)
	r, err := harness.Command{Dir: s.src, Args: args}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if overlay.Replace, err = changedFiles(s.src, out); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files rewritten in %.1fs, peak memory of the largest process %d MB", len(overlay.Replace), r.Elapsed.Seconds(), r.MaxRSS>>20)
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// changedFiles maps each Go file of src that is not the same in out to that in
// out.
func changedFiles(src, out string) (map[string]string, error) {
	changed := make(map[string]string)
	err := filepath.WalkDir(out, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		rel, err := filepath.Rel(out, name)
		if err != nil {
			return err
		}
		after, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		original := filepath.Join(src, rel)
		before, err := os.ReadFile(original)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		if err != nil || !bytes.Equal(before, after) {
			changed[original] = name
		}
		return nil
	})
	return changed, err
}

// A stdDifference is a test that does not pass after the rewrite, and why.
type stdDifference struct{ mode, pkg, test, reason string }

// readStdDifferences reads a table of lines "mode package test reason".
func readStdDifferences(file string) ([]stdDifference, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []stdDifference
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, " ", 4)
		if len(f) < 4 {
			return nil, fmt.Errorf("%s: want a mode, a package, a test and a reason: %s", file, line)
		}
		list = append(list, stdDifference{f[0], f[1], f[2], f[3]})
	}
	return list, nil
}

// expectedStd finds the entry for a test ("package Test"), or for the test
// that it is a part of.
func expectedStd(list []stdDifference, mode, name string) *stdDifference {
	pkg, test, _ := strings.Cut(name, " ")
	for i, d := range list {
		if (d.mode == mode || d.mode == "any") && d.pkg == pkg && (test == d.test || strings.HasPrefix(test, d.test+"/")) {
			return &list[i]
		}
	}
	return nil
}
