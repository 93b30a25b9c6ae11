package nopanic

import (
	"go/parser"
	"go/token"
	"testing"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

func TestUnconstrained(t *testing.T) {
	for src, want := range map[string]bool{
		"package p":                                        true,
		"package p\n\nimport \"fmt\"":                      true,
		"package p\n\nimport \"C\"":                        false, // CGO_ENABLED=0 leaves it out
		"//go:build go1.20\n\npackage p":                   true,
		"//go:build !go1.99\n\npackage p":                  false,
		"//go:build linux\n\npackage p":                    false,
		"//dedefer:tag x\n//go:build !x\n\npackage p":      true,
		"//dedefer:tag x\n//go:build !(x||y)\n\npackage p": false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "a.go", src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := unconstrained(&syntax.File{Name: "/a.go", Src: []byte(src), Syntax: f}, "go1.21"); got != want {
			t.Errorf("%q: %v, want %v", src, got, want)
		}
	}
}
