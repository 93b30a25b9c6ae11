package pass

import (
	"slices"
	"strings"
	"testing"
)

func TestTool(t *testing.T) {
	for _, test := range []struct{ args, tool string }{
		{"dedefer toolexec -unwind=none -scope=all -goflags -keep -strict -trimpath=true /go/asm -V=full", "/go/asm -V=full"},
		{"dedefer toolexec /go/link", "/go/link"},
		{"dedefer toolexec -unwind=none /go/compile -V=full", ""},
		{"dedefer toolexec -unwind none /go/asm", ""}, // main knows that none is no tool
		{"dedefer toolexec -unwind=none gcc -###", "gcc -###"},
		{"dedefer toolexec -h", ""},
		{"dedefer toolexec", ""},
		{"dedefer build /go/asm", ""},
		{"dedefer", ""},
	} {
		if got := Tool(strings.Fields(test.args)); !slices.Equal(got, strings.Fields(test.tool)) {
			t.Errorf("%s: %q, want %q", test.args, got, test.tool)
		}
	}
	if got := Tool([]string{"dedefer", "toolexec", ""}); got != nil {
		t.Errorf("%q", got)
	}
}
