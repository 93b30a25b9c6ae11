package version

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHalf looks at the answer as the go command does.
func TestHalf(t *testing.T) {
	seen := map[string]Options{}
	for _, o := range []Options{
		{Unwind: "native", Scope: "module"},
		{Unwind: "native", Scope: "deps"},
		{Unwind: "none", Scope: "deps"},
		{Unwind: "native", Scope: "deps", Keep: true},
		{Unwind: "none", Scope: "deps", Strict: true},
	} {
		got, err := half(o)
		if err != nil {
			t.Fatal(err)
		}
		f := strings.Fields(got)
		if len(f) != 3 || f[0] != "compile" || f[1] != "version" || strings.Contains(f[2], "devel") || !strings.HasSuffix(got, " ") {
			t.Errorf("%+v: %q", o, got)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%+v and %+v: both %q", o, other, got)
		}
		seen[got] = o
	}
}

func TestQuestion(t *testing.T) {
	for args, want := range map[string]Options{
		"dedefer toolexec -goflags -unwind=native -scope=module /go/compile -V=full":                   {Unwind: "native", Scope: "module"},
		"dedefer toolexec -unwind=native -scope=deps -keep -trimpath=true /go/compile.exe -V=full":     {Unwind: "native", Scope: "deps", Keep: true, Trimpath: true},
		"dedefer toolexec -goflags -unwind=none -scope=all -strict -trimpath=true /go/compile -V=full": {Unwind: "none", Scope: "all", Strict: true, Trimpath: true},
	} {
		compiler, got, ok := question(strings.Fields(args))
		if diff := cmp.Diff(want, got); diff != "" || !ok || !strings.HasPrefix(compiler[0], "/go/compile") || len(compiler) != 2 {
			t.Errorf("%s: %q, %v (-want +got):\n%s", args, compiler, ok, diff)
		}
	}
	for _, args := range []string{
		"dedefer toolexec -unwind none -scope=all /go/compile -V=full",
		"dedefer toolexec -unwind=none -scope=all -keep /go/compile -V=full",
		"dedefer toolexec -unwind=native -scope=all -strict /go/compile -V=full",
		"dedefer toolexec -unwind=native -scope=all -trimpath=false /go/compile -V=full",
		"dedefer toolexec -unwind=native -scope=all garble /go/compile -V=full",
		"dedefer toolexec -unwind=native -scope=all /go/asm -V=full",
		"dedefer toolexec -unwind=native -scope=all /go/compile -o x.a",
		"dedefer toolexec /go/compile -V=full",
		"dedefer -unwind=native -scope=all /go/compile -V=full",
		"dedefer compile -V=full",
		"dedefer",
	} {
		if _, _, ok := question(strings.Fields(args)); ok {
			t.Errorf("%s: answered", args)
		}
	}
}
