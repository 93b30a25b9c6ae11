package sibling

import (
	"go/build"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for _, test := range [][3]string{
		{"x.go", "x_dedefer.go", "x.dedefer.go"},
		{"x_test.go", "x_dedefer_test.go", "x_test.dedefer_test.go"},
		{"x_linux.go", "x_dedefer_linux.go", "x_linux.dedefer.go"},
		{"x_linux_amd64.go", "x_dedefer_linux_amd64.go", "x_linux_amd64.dedefer.go"},
		{"x_linux_amd64_test.go", "x_dedefer_linux_amd64_test.go", "x_linux_amd64_test.dedefer_test.go"},
		{"x_windows_linux.go", "x_windows_dedefer_linux.go", "x_windows_linux.dedefer.go"},
		{"linux.go", "linux_dedefer.go", "linux.dedefer.go"},
		{"linux_test.go", "linux_dedefer_test.go", "linux_test.dedefer_test.go"},
		{"linux_amd64.go", "linux_dedefer_amd64.go", "linux_amd64.dedefer.go"},
		{"test.go", "test_dedefer.go", "test.dedefer.go"},
		{"x_unix.go", "x_unix_dedefer.go", "x_unix.dedefer.go"},
		{"x_y.go", "x_y_dedefer.go", "x_y.dedefer.go"},
		{"x_js.pb.go", "x_dedefer_js.pb.go", "x_js.pb.dedefer.go"},
		{"x.pb_test.go", "x_dedefer.pb_test.go", "x.pb_test.dedefer_test.go"},
		{"x_linux_y.go", "x_linux_y_dedefer.go", "x_linux_y.dedefer.go"},
	} {
		for i, n := range []Naming{Plain, Ordered} {
			got := n.Name(test[0])
			if got != test[i+1] {
				t.Errorf("sibling of %s: %s, want %s", test[0], got, test[i+1])
			}
			if a, b := selectedOn(t, test[0]), selectedOn(t, got); !slices.Equal(a, b) {
				t.Errorf("%s is built on %v, %s on %v", test[0], a, got, b)
			}
			if IsTest(got) != IsTest(test[0]) {
				t.Errorf("only one of %s and %s is a test", test[0], got)
			}
		}
	}
}

// selectedOn lists some of the platforms that a file is built on.
func selectedOn(t *testing.T, name string) (on []string) {
	for _, goos := range []string{"linux", "windows", "js"} {
		for _, goarch := range []string{"amd64", "wasm"} {
			ctxt := build.Context{GOOS: goos, GOARCH: goarch, OpenFile: func(string) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader("package p\n")), nil
			}}
			ok, err := ctxt.MatchFile("", name)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				on = append(on, goos+"/"+goarch)
			}
		}
	}
	return on
}
