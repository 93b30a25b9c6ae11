package rewrite_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestHowItWorks compares the functions of docs/how-it-works.md with the goldens that
// the comments above them name: the archive, the file in it, and the function. With
// -update it puts them there.
func TestHowItWorks(t *testing.T) {
	const page = "../docs/how-it-works.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)<!-- (\\S+) (\\S+) (\\S+) -->\n```go\n(.*?)```")
	if n := len(block.FindAll(text, -1)); n < 10 {
		t.Fatalf("%d functions", n)
	}
	got := block.ReplaceAllStringFunc(string(text), func(s string) string {
		m := block.FindStringSubmatch(s)
		want := goldenFunc(t, m[1], m[2], m[3])
		if m[4] != want && !*update {
			t.Errorf("%s of %s, %s: the page has\n%s\nthe golden\n%s", m[3], m[1], m[2], m[4], want)
		}
		return strings.TrimSuffix(s, m[4]+"```") + want + "```"
	})
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// goldenFunc returns the text of a function or method in a file of a golden.
func goldenFunc(t *testing.T, archive, file, name string) string {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("../testdata/golden", archive+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name != file+".go" {
			continue
		}
		fset := token.NewFileSet()
		syn, err := parser.ParseFile(fset, f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range syn.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == name {
				src := f.Data[fset.Position(fn.Pos()).Offset:fset.Position(fn.End()).Offset]
				out, err := format.Source(src)
				if err != nil {
					t.Fatal(err)
				}
				return string(out) + "\n"
			}
		}
	}
	t.Fatalf("%s has no %s in %s.go", archive, name, file)
	return ""
}
