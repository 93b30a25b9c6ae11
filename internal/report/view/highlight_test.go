package view

import (
	"go/build"
	"os"
	"path/filepath"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// BenchmarkHighlight compares Highlight with chroma's lexer for Go, on a file of the
// standard library with 750 lines.
func BenchmarkHighlight(b *testing.B) {
	src, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "src", "io", "io.go"))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("scanner", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			Highlight(src)
		}
	})
	b.Run("chroma", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		lexer := lexers.Get("go")
		for b.Loop() {
			if _, err := chroma.Tokenise(lexer, nil, string(src)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
