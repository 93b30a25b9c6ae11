//go:build !dedefer_nilpanic

package dedefer_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/runtime"
)

// TestNilPanic runs the tests where panic(nil) is real that it can matter to.
func TestNilPanic(t *testing.T) {
	args := []string{"test", "-tags", "dedefer_nilpanic", "-run", "Test(Land|Guard|Nested|Crashes)$", "."}
	if *long {
		args = append(args, "-long", "-timeout", "1h")
	}
	if testing.Short() {
		args = append(args, "-short")
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestFiles writes the files that a program needs into a module with an old
// language version, as the tool does, and runs the program.
func TestFiles(t *testing.T) {
	for _, test := range []struct {
		name, body string
		files      []string
	}{
		{
			"Run", `
			func() {
				defer func() { recover() }()
				defer func() {
					if active {
						dedefer.Run(func() bool { more := active; active = false; return more })
					}
				}()
				panic("P")
			}()`,
			[]string{"doc.go", "run.go"},
		},
		{
			"Land", `
			func() {
				defer func() {
					if active {
						dedefer.Land(recover(), func(p *dedefer.Panic) bool {
							active = active && p.Recover() == nil
							return active
						})
					}
				}()
				panic("P")
			}()`,
			[]string{"doc.go", "land.go"},
		},
		{
			"panic(nil)", `
			func() {
				defer func() {
					if active {
						dedefer.Land(recover(), func(p *dedefer.Panic) bool {
							more := active
							active = false
							p.Recover()
							return more
						})
					}
				}()
				panic(nil)
			}()`,
			[]string{"doc.go", "land.go", "nilpanic.go"},
		},
		{
			"all", `
			dedefer.Run(func() bool { more := active; active = false; return more })`,
			[]string{"doc.go", "run.go", "land.go", "nilpanic.go"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
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
			write("main.go", fmt.Sprintf(`package main

import (
	"fmt"

	"example.com/m/internal/dedefer"
)

func main() {
	active := true
	%s
	fmt.Print("still active: ", active)
}
`, test.body))
			for _, file := range test.files {
				write("internal/dedefer/"+file, runtime.Source()[file])
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
		})
	}
}
