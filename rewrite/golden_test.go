package rewrite_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/rewrite"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/golden")

// TestGolden compares the lowerings of testdata/golden/*.txtar with what the
// archives say: in.go becomes native.go and none.go, and explain gives the
// reasons of both.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("../testdata/golden/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, name)
		})
	}
}

func golden(t *testing.T, name string) {
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string][]byte{"go.mod": []byte("module golden\n\ngo 1.25\n")}
	kept := ar.Files[:0:0]
	want := map[string]string{}
	for _, f := range ar.Files {
		switch f.Name {
		case "native.go", "none.go", "explain":
			want[f.Name] = string(f.Data)
		default:
			files[f.Name] = f.Data
			kept = append(kept, f)
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	opts := rewrite.Options{Dir: dir, Lines: strings.Contains(string(ar.Comment), "options: -lines")}
	got := map[string]string{}
	for _, mode := range []rewrite.Unwind{rewrite.Native, rewrite.None} {
		opts.Unwind = mode
		got[mode.String()+".go"] = lowered(t, dir, opts, &got, mode)
	}
	for _, name := range []string{"native.go", "none.go", "explain"} {
		if *update {
			kept = append(kept, txtar.File{Name: name, Data: []byte(got[name])})
			continue
		}
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if *update {
		ar.Files = kept
		if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// lowered rewrites in.go and adds the report to got["explain"].
func lowered(t *testing.T, dir string, opts rewrite.Options, got *map[string]string, mode rewrite.Unwind) string {
	t.Helper()
	prog, err := rewrite.Load(context.Background(), opts, ".")
	if err != nil {
		t.Fatal(err)
	}
	res, err := rewrite.Rewrite(context.Background(), prog, opts)
	if err != nil {
		t.Fatal(err)
	}
	(*got)["explain"] += mode.String() + ":\n" + report(res.Report)
	for _, f := range res.Files {
		if filepath.Base(f.Name) != "in.go" {
			continue
		}
		if strings.Contains(string(f.New), "C.struct___") || strings.Contains(string(f.New), "_Ctype_") {
			t.Errorf("%v: a name that only cgo makes", mode)
		}
		in, err := format.Source(f.Old)
		if err == nil && bytes.Equal(in, f.Old) {
			if out, err := format.Source(f.New); err != nil || !bytes.Equal(out, f.New) {
				t.Errorf("%v: the output is not gofmt-clean (%v)", mode, err)
			}
		}
		return string(f.New)
	}
	src, err := os.ReadFile(filepath.Join(dir, "in.go"))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func report(rep rewrite.Report) string {
	var b strings.Builder
	for _, f := range rep.Functions {
		for _, s := range f.Sites {
			fmt.Fprintf(&b, "\t%d:%d: %s: defer %s: %s: %s", s.Pos.Line, s.Pos.Column, f.Name, s.Call, s.Strategy, s.Why)
			if s.Heap {
				b.WriteString(" (heap)")
			}
			b.WriteByte('\n')
		}
		for _, g := range f.Guards {
			fmt.Fprintf(&b, "\t%d:%d: %s: guard: %s\n", g.Pos.Line, g.Pos.Column, f.Name, g.Why)
		}
		if f.Proof != nil {
			fmt.Fprintf(&b, "\t%d:%d: %s: no guard: %s\n", f.Pos.Line, f.Pos.Column, f.Name, f.Proof)
		}
	}
	for _, pos := range rep.Strays {
		fmt.Fprintf(&b, "\t%d:%d: a comment lost its place\n", pos.Line, pos.Column)
	}
	for _, l := range rep.Losses {
		fmt.Fprintf(&b, "\t%d:%d: %s: changes: %s\n", l.Pos.Line, l.Pos.Column, l.Function, l.What)
	}
	return b.String()
}
