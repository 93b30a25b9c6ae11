package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedefer/dedefer/integration/harness"
	"github.com/dedefer/dedefer/internal/tinygo/tinygotest"
)

const embeddedDoc = "embedded.md"

// TestEmbeddedDoc runs the commands of docs/embedded.md as they are written, with
// a stub of TinyGo.
func TestEmbeddedDoc(t *testing.T) {
	needShell(t)
	commands := docCommands(t, embeddedDoc, "From nothing")
	if len(commands) != 5 {
		t.Fatalf("%d commands, want 5:\n%s", len(commands), strings.Join(commands, "\n"))
	}
	goroot, err := harness.Command{Args: []string{"go", "env", "GOROOT"}}.RunOK()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := tinygotest.Install(t.TempDir(), strings.TrimSpace(goroot.Stdout))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir := filepath.Join(t.TempDir(), "blink")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	main := goBlock.FindStringSubmatch(docText(t, embeddedDoc))[1]
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(main), 0o666); err != nil {
		t.Fatal(err)
	}
	runLines(t, dir, commands)
	if text := read(t, filepath.Join(dir, "main_dedefer.go")); strings.Contains(text, "\tdefer ") {
		t.Errorf("TinyGo would build a defer statement:\n%s", text)
	}
	if text := read(t, filepath.Join(dir, "blink.uf2")); text != "build: pico\n" {
		t.Errorf("tinygo build: %q", text)
	}

	// The whole firmware, in which the runtime is a stub, too.
	_, section, _ := strings.Cut(docText(t, embeddedDoc), "\n## The whole firmware\n")
	lines := regexp.MustCompile(`(?m)^\t(dedefer .*|cd .*)$`).FindAllStringSubmatch(section, -1)
	if len(lines) != 3 {
		t.Fatalf("%d commands, want 3", len(lines))
	}
	for _, m := range lines {
		runLines(t, dir, []string{strings.Replace(m[1], "dedefer ", tool+" ", 1)})
	}
	for _, line := range []string{"GOROOT", "GOOS", "GOARCH", "GOFLAGS"} {
		if !strings.Contains(docText(t, embeddedDoc), "\n\texport "+line+"=") {
			t.Errorf("the document does not say how to set %s", line)
		}
	}
}

// TestDriver runs the step of testdata/driver, and its tests in both builds.
func TestDriver(t *testing.T) {
	needShell(t)
	dir := copyModule(t, filepath.Join(root, "testdata", "driver"))
	want := snapshot(t, dir)
	runGo(t, dir, "generate")
	if diff := cmp.Diff(want, snapshot(t, dir)); diff != "" {
		t.Errorf("run go generate in testdata/driver:\n%s", diff)
	}
	for _, tags := range []string{"", "tinygo"} {
		runGo(t, dir, "vet", "-tags", tags, "./...")
		runGo(t, dir, "test", "-tags", tags, "./...")
	}
}

// TestEmbeddedMessages checks what docs/embedded.md says that dedefer says of its
// two programs.
func TestEmbeddedMessages(t *testing.T) {
	text := docText(t, embeddedDoc)
	blocks := goBlock.FindAllStringSubmatch(text, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of Go, want 3", len(blocks))
	}
	blocks = blocks[1:]
	var said []string
	for _, m := range regexp.MustCompile(`(?m)^\t(motor\.go:\d+:\d+: .*)$`).FindAllStringSubmatch(text, -1) {
		said = append(said, m[1])
	}
	warnings, heap := said[:len(said)-1], said[len(said)-1:]
	for i, test := range []struct {
		flags []string
		exit  int
		want  []string
	}{
		{[]string{"-unwind=none"}, 0, warnings},
		{[]string{"-unwind=none", "-heap=error"}, 1, heap},
	} {
		dir := motorModule(t, blocks[i][1])
		r, err := harness.Command{Dir: dir, Args: append([]string{tool, "rewrite", "-l"}, test.flags...)}.Run()
		if err != nil || r.Exit != test.exit {
			t.Errorf("%v: exit %d, %v", test.flags, r.Exit, err)
		}
		if diff := cmp.Diff(strings.Join(test.want, "\n"), strings.TrimSpace(r.Stderr)); diff != "" {
			t.Errorf("%v: %s", test.flags, diff)
		}
	}

	// The promise that the document goes on to make.
	dir := motorModule(t, strings.Replace(blocks[1][1], "\tfor", "\t//dedefer:max 4\n\tfor", 1))
	if _, err := rewrite(dir, "-unwind=none", "-heap=error", "-w"); err != nil {
		t.Fatal(err)
	}
	message := regexp.MustCompile(`(?m)^\t(motor\.go:\d+: more deferred .*)$`).FindStringSubmatch(text)
	if message == nil || !strings.Contains(read(t, filepath.Join(dir, "motor.go")), message[1]) {
		t.Errorf("the promise: %q is not in\n%s", message, read(t, filepath.Join(dir, "motor.go")))
	}
}

func motorModule(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/motor\n\ngo 1.26\n", "motor.go": text} {
		if err := writeFile(dir, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
