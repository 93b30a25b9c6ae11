package dedefer_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/runtime"
)

// TestFiles writes the package into a module with an old
// language version, as the tool does, and runs the program.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n\ngo 1.13\n")
	write("main.go", `package main

import (
	"fmt"

	"example.com/m/internal/dedefer"
)

func main() {
	active := true
	func() {
		defer func() { recover() }()
		defer func() {
			if active {
				dedefer.Run(func() bool { more := active; active = false; return more })
			}
		}()
		panic("P")
	}()
	fmt.Print("still active: ", active)
}
`)
	for file, text := range runtime.Source() {
		write("internal/dedefer/"+file, text)
	}
	for _, command := range []string{"vet ./...", "run ."} {
		cmd := exec.Command("go", strings.Fields(command)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", command, err, out)
		}
		if got, want := string(out), "still active: false"; command == "run ." && got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
