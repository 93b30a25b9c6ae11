package harness

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Exe is the file name of an executable on this system.
func Exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// Compare tells where got behaves unlike want; "" says that it does not.
// What a program writes to stderr counts only if asked for: the text of a
// crash trace may differ.
func Compare(want, got Result, stderr bool) string {
	var msgs []string
	if got.Exit != want.Exit {
		msgs = append(msgs, fmt.Sprintf("exit code %d, want %d; stderr:\n%s", got.Exit, want.Exit, Clip(got.Stderr, 8)))
	}
	if got.Stdout != want.Stdout {
		msgs = append(msgs, "stdout differs:\n"+Diff(want.Stdout, got.Stdout))
	}
	if stderr && got.Stderr != want.Stderr {
		msgs = append(msgs, "stderr differs:\n"+Diff(want.Stderr, got.Stderr))
	}
	return strings.Join(msgs, "\n")
}

// Clip indents the first lines of s.
func Clip(s string, lines int) string {
	l := strings.Split(strings.TrimRight(s, "\n"), "\n")
	if len(l) > lines {
		l = append(l[:lines:lines], fmt.Sprintf("... (%d more lines)", len(l)-lines))
	}
	return "    " + strings.Join(l, "\n    ")
}

// Diff shows the first place where two texts part, with a little context.
func Diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "    @ line %d (want %d lines, got %d)\n", i+1, len(w)-1, len(g)-1)
	for k := max(0, i-2); k < i; k++ {
		fmt.Fprintf(&b, "      %s\n", w[k])
	}
	for k := i; k < min(len(w), i+4); k++ {
		fmt.Fprintf(&b, "    - %s\n", w[k])
	}
	for k := i; k < min(len(g), i+4); k++ {
		fmt.Fprintf(&b, "    + %s\n", g[k])
	}
	return strings.TrimRight(b.String(), "\n")
}

// SameTree tells where two directories differ in a file's name or bytes; ""
// says that they do not.
func SameTree(a, b string) (string, error) {
	left, err := readTree(a)
	if err != nil {
		return "", err
	}
	right, err := readTree(b)
	if err != nil {
		return "", err
	}
	for name, data := range left {
		other, ok := right[name]
		switch {
		case !ok:
			return name + " is missing", nil
		case !bytes.Equal(data, other):
			return name + " differs:\n" + Diff(string(data), string(other)), nil
		}
	}
	for name := range right {
		if _, ok := left[name]; !ok {
			return name + " is new", nil
		}
	}
	return "", nil
}

func readTree(dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(p)
		return err
	})
	return files, err
}

// Unformatted lists the Go files of out that gofmt would change although it
// leaves the file of that name in src alone, or there is none.
func Unformatted(src, out string) ([]string, error) {
	before, err := readTree(src)
	if err != nil {
		return nil, err
	}
	after, err := readTree(out)
	if err != nil {
		return nil, err
	}
	var bad []string
	for name, data := range after {
		if !strings.HasSuffix(name, ".go") || formatted(data) {
			continue
		}
		if old, ok := before[name]; !ok || formatted(old) {
			bad = append(bad, name)
		}
	}
	return bad, nil
}

func formatted(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(src, out)
}

// HasDefer reports whether f holds a defer statement.
func HasDefer(f *ast.File) bool {
	return len(deferStmts(f)) > 0
}

func deferStmts(f *ast.File) []token.Pos {
	var found []token.Pos
	ast.Inspect(f, func(n ast.Node) bool {
		if n, ok := n.(*ast.DeferStmt); ok {
			found = append(found, n.Pos())
		}
		return true
	})
	return found
}

// DefersLeft lists the defer statements of out's Go files that the build
// context selects, test files included. Left out is what a rewrite does not
// touch: the runtime it bundles (a directory dedefer that src has not), other
// modules, vendor, testdata, and directories that the go command ignores.
func DefersLeft(src, out string) ([]string, error) {
	var left []string
	fset := token.NewFileSet()
	err := filepath.WalkDir(out, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(out, p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && notRewritten(src, p, rel) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		if ok, err := build.Default.MatchFile(filepath.Dir(p), filepath.Base(p)); err != nil || !ok {
			return err
		}
		f, err := parser.ParseFile(fset, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, pos := range deferStmts(f) {
			left = append(left, fmt.Sprintf("%s:%d", filepath.ToSlash(rel), fset.PositionFor(pos, false).Line))
		}
		return nil
	})
	return left, err
}

func notRewritten(src, dir, rel string) bool {
	name := filepath.Base(rel)
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		return true
	}
	if name != "dedefer" {
		return false
	}
	_, err := os.Stat(filepath.Join(src, rel))
	return err != nil
}
