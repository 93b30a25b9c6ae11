package generate

import (
	"go/build"
	"go/build/constraint"
	"testing"

	"github.com/dedefer/dedefer/rewrite"
)

// present is a build on some platform with tag set.
func present(t *testing.T, goos, goarch string) *builds {
	setup, err := rewrite.NewSetup(t.Context(), rewrite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &builds{setup: setup, ctxt: build.Context{
		GOOS: goos, GOARCH: goarch, Compiler: "gc", CgoEnabled: true,
		BuildTags: []string{"set"}, ReleaseTags: []string{"go1.1", "go1.26"}, ToolTags: []string{"goexperiment.x"},
	}}
}

// TestNearest: which build a file is lowered for.
func TestNearest(t *testing.T) {
	b := present(t, "linux", "amd64")
	for _, test := range []struct {
		name, constraint string
		cgo              bool
		want             string // "" where no build has it
	}{
		{name: "x.go", want: "linux/amd64 and tags set"},
		{name: "x.go", constraint: "dedefer", want: "linux/amd64 and tags dedefer,set"},
		{name: "x.go", constraint: "!set && dedefer", want: "linux/amd64 and tags dedefer"},
		{name: "x_test.go", constraint: "(a || b) && dedefer", want: "linux/amd64 and tags a,dedefer,set"},
		{name: "x.go", constraint: "a && !a"},
		{name: "x.go", constraint: "ignore"},
		{name: "x.go", constraint: "gccgo || go1.99 || goexperiment.y"},
		{name: "x.go", constraint: "go1.26 && gc && unix && goexperiment.x && cgo", want: "linux/amd64 and tags set"},
		{name: "x.go", constraint: "goexperiment.jsonv2 && dedefer", want: "linux/amd64 with GOEXPERIMENT=jsonv2 and tags dedefer,set"},
		{name: "x.go", constraint: "!goexperiment.regabiargs", want: "linux/amd64 and tags set"},
		{name: "x.go", constraint: "goexperiment.jsonv2 && goexperiment.arenas", want: "linux/amd64 with GOEXPERIMENT=jsonv2,arenas and tags set"},
		{name: "x.go", constraint: "!cgo", want: "linux/amd64 and tags set"},
		{name: "x_windows.go", want: "windows/amd64 and tags set"},
		{name: "x_windows_test.go", constraint: "arm64", want: "windows/arm64 and tags set"},
		{name: "x_linux_arm.go", want: "linux/arm and tags set"},
		{name: "x_js.go", want: "js/wasm and tags set"},
		{name: "x_darwin.go", cgo: true, want: "darwin/amd64 and tags set"},
		{name: "x.go", constraint: "windows || a", want: "linux/amd64 and tags a,set"},
		{name: "x_nacl.go"},
	} {
		f := file{name: test.name, cgo: test.cgo}
		if test.constraint != "" {
			x, err := constraint.Parse("//go:build " + test.constraint)
			if err != nil {
				t.Fatal(err)
			}
			f.constraint = x
		}
		got, ok, err := b.nearest(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if ok != (test.want != "") || ok && got.String() != test.want {
			t.Errorf("%s, %q: %v, %v, want %s", test.name, test.constraint, got, ok, test.want)
		}
		if ok && test.cgo && !got.cgo {
			t.Errorf("%s is built without cgo", test.name)
		}
	}
}

// TestNearestElsewhere: android, for one, has the files for linux, too.
func TestNearestElsewhere(t *testing.T) {
	for _, test := range []struct{ goos, goarch, name, want string }{
		{"darwin", "arm64", "x_linux.go", "linux/arm64 and tags set"},
		{"windows", "amd64", "x_solaris.go", "solaris/amd64 and tags set"},
		{"js", "wasm", "x_linux.go", "linux/amd64 and tags set"},
		{"linux", "arm64", "x_ios.go", "ios/arm64 and tags set"},
	} {
		got, ok, err := present(t, test.goos, test.goarch).nearest(t.Context(), file{name: test.name})
		if err != nil || !ok || got.String() != test.want {
			t.Errorf("%s on %s/%s: %v, %v, %v, want %s", test.name, test.goos, test.goarch, got, ok, err, test.want)
		}
	}
}
