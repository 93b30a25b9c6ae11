package gobuild

import (
	"slices"
	"strings"
	"testing"
)

// TestBuildCommand compares the command line of the go command.
func TestBuildCommand(t *testing.T) {
	for _, test := range []struct{ name, args, toolexec, rest string }{
		{"build", ".", " toolexec -goflags -unwind=native -scope=module", "."},
		{"test", "-C sub -keep -scope=all -race ./... -args -scope", " toolexec -goflags -unwind=native -scope=all -keep", "-race ./... -args -scope"},
		{"run", "-unwind none -strict -work . -C x", " toolexec -goflags -unwind=none -scope=module -strict", "-work . -C x"},
		{"build", "-scope deps -C sub -trimpath -o x .", " toolexec -goflags -unwind=native -scope=deps -trimpath=true", "-trimpath -o x ."},
	} {
		b, err := New(test.name, strings.Fields(test.args))
		if err != nil {
			t.Errorf("%s %s: %v", test.name, test.args, err)
			continue
		}
		got, err := b.Command()
		want := []string{"go", test.name}
		if strings.Contains(test.args, "-C sub") {
			want = append(want, "-C", "sub")
		}
		i := len(want)
		if err != nil || len(got) <= i || !strings.HasPrefix(got[i], "-toolexec=") || !strings.HasSuffix(got[i], test.toolexec) {
			t.Errorf("%s %s: %q, %v", test.name, test.args, got, err)
			continue
		}
		if want = append(append(want, got[i]), strings.Fields(test.rest)...); !slices.Equal(got, want) {
			t.Errorf("%s %s:\ngot  %q\nwant %q", test.name, test.args, got, want)
		}
	}
}
