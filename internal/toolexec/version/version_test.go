package version

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithID(t *testing.T) {
	for line, want := range map[string]string{
		"compile version go1.26.8":                                   "compile version go1.26.8 dedefer=ID",
		"compile version go1.26.8 X:framepointer":                    "compile version go1.26.8 X:framepointer dedefer=ID",
		"compile version devel go1.27-abc Mon Nov 2 buildID=a/b/c/d": "compile version devel go1.27-abc Mon Nov 2 buildID=a/b/c/d-dedefer-ID",
	} {
		if got := withID(line, "ID"); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", line, got, want)
		}
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
