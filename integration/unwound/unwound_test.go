package unwound

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

const program = `package main // with a comment

import (
	"os"
	"runtime"
)

func main() {
	for range 2 { defer println("in a loop") }
	done := make(chan bool)
	go func() {
		defer close(done)
		f(os.Args[1])
	}()
	<-done
}

func f(how string) {
	defer func() { recover() }()
	switch how {
	case "panic": panic(how)
	case "nil": *(*int)(nil) = 1
	case "goexit": runtime.Goexit()
	}
}
`

func TestInstrument(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "main.go")
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.com/m\n\ngo 1.22\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Instrument(root, "example.com/m", []string{file}); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(root, harness.Exe("m"))
	if err := harness.GoBuild(root, exe); err != nil {
		t.Fatal(err)
	}
	for how, want := range map[string]string{
		"return": "",
		"panic":  "panic in main.f\n",
		"nil":    "panic in main.f\n",
		"goexit": "Goexit in main.f\n",
	} {
		record := filepath.Join(root, how)
		if _, err := (harness.Command{Args: []string{exe, how}, Env: []string{Env + "=" + record}}).RunOK(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(record)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s: recorded %q, want %q", how, got, want)
		}
	}
}
