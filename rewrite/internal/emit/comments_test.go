package emit_test

import (
	"testing"

	"github.com/dedefer/dedefer/rewrite/internal/emit"
)

func TestLostComment(t *testing.T) {
	const src = "package p\n\n// one\nfunc f() { /* two\n\tlines */ } // one\n"
	tests := []struct {
		out  string
		want int
	}{
		{src, -1},
		{"package p // one // one\n\n// one\nfunc f() {\n\t/* two\n\t\tlines */\n} // one\n// new\n", -1},
		{"package p\n\n// one\nfunc f() { /* two\n\tlines */ }\n", 48},
		{"package p\n\nfunc f() {} // one\n\nvar s = `/* two\n\tlines */ // one`\n", 29},
	}
	for _, test := range tests {
		if got := emit.LostComment([]byte(src), []byte(test.out)); got != test.want {
			t.Errorf("of\n%s\nin\n%s\nthe lost comment is at %d, want %d", src, test.out, got, test.want)
		}
	}
}
