package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedefer/dedefer/integration/harness"
)

// What runs the tool in documents and examples. The tests run the one that is built
// from the tree instead: nothing is published yet that could be fetched.
const runTool = "go run github.com/dedefer/dedefer/cmd/dedefer@latest"

// TestGenerateDoc runs the commands of docs/generate.md as they are written,
// on the module they are written for.
func TestGenerateDoc(t *testing.T) {
	needShell(t)
	commands := docCommands(t, "generate.md", "From nothing")
	if len(commands) != 4 {
		t.Fatalf("%d commands, want 4:\n%s", len(commands), strings.Join(commands, "\n"))
	}
	dir := copyModule(t, filepath.Join(root, "testdata", "copier"))
	mod, original := read(t, filepath.Join(dir, "go.mod")), snapshot(t, dir)
	runLines(t, dir, commands)
	if got := read(t, filepath.Join(dir, "go.mod")); got != mod {
		t.Errorf("the step changes go.mod:\n%s", got)
	}
	for _, name := range []string{"main_dedefer.go", "copier_dedefer_test.go", "internal/dedefer"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	runGo(t, dir, "vet", "-tags", "dedefer", "./...")
	before := snapshot(t, dir)
	runGo(t, dir, "generate")
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("go generate is not done the first time:\n%s", diff)
	}
	runLines(t, dir, docCommands(t, "generate.md", "Undo"))
	if err := os.Remove(filepath.Join(dir, "generate.go")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(original, snapshot(t, dir)); diff != "" {
		t.Errorf("-undo does not undo all:\n%s", diff)
	}
}

// TestGenerateExample runs what the CI of testdata/generate does, and that it
// finds what is stale.
func TestGenerateExample(t *testing.T) {
	needShell(t)
	src := filepath.Join(root, "testdata", "generate")
	workflow := read(t, filepath.Join(src, ".github", "workflows", "test.yml"))
	var steps []string
	for _, m := range regexp.MustCompile(`(?m)^ *- run: (.*)$`).FindAllStringSubmatch(workflow, -1) {
		steps = append(steps, m[1])
	}
	if diff := cmp.Diff(docCommands(t, "generate.md", "In CI")[1:], steps); diff != "" {
		t.Errorf("the document and the workflow differ:\n%s", diff)
	}
	dir := copyModule(t, src)
	before := snapshot(t, dir)
	runGo(t, dir, "generate", "./...")
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("run go generate in testdata/generate:\n%s", diff)
	}
	runLines(t, dir, steps)

	// The document shows what -check says when spool.go is as it was before, and
	// has been edited.
	name := filepath.Join(dir, "spool.go")
	_, text, _ := strings.Cut(read(t, name), "\n\n")
	if err := os.WriteFile(name, []byte(text+"\nvar edited int\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := harness.Command{Dir: dir, Args: []string{"sh", "-c", fromTree(steps[0])}}.Run()
	if err != nil {
		t.Fatal(err)
	}
	said := strings.TrimSuffix(strings.ReplaceAll("\n"+r.Stderr, "\n", "\n\t"), "\n\t")
	said = "$ " + steps[0] + strings.ReplaceAll(said, "exit status 1", "")
	if r.Exit != 1 || !strings.Contains(docText(t, "generate.md"), strings.TrimSpace(said)) {
		t.Errorf("exit %d; the document does not have\n%s", r.Exit, said)
	}

	for _, name := range []string{"lock_unix.go", "lock_unix_dedefer.go"} {
		head, _, _ := strings.Cut(read(t, filepath.Join(src, name)), "\n\npackage")
		for line := range strings.Lines(head) {
			if line = strings.TrimSpace(line); line != "" && !strings.Contains(docText(t, "generate.md"), "\t"+line+"\n") {
				t.Errorf("%s begins with %q, the document does not say so", name, line)
			}
		}
	}
}

func needShell(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "plan9" {
		t.Skip("the commands are for a POSIX shell")
	}
}

func docText(t *testing.T, name string) string { return read(t, filepath.Join(root, "docs", name)) }

// docCommands returns the commands below a heading, without lines for sources.
func docCommands(t *testing.T, name, heading string) (commands []string) {
	_, section, _ := strings.Cut(docText(t, name), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range regexp.MustCompile(`(?m)^\t(?:\$ )?((?:go|printf|tinygo) .*)$`).FindAllStringSubmatch(section, -1) {
		commands = append(commands, m[1])
	}
	return commands
}

// fromTree returns a line with the tool that is built from the tree.
func fromTree(line string) string { return strings.ReplaceAll(line, runTool, tool) }

// runLines runs command lines. Nothing is fetched.
func runLines(t *testing.T, dir string, lines []string) {
	t.Helper()
	for _, line := range lines {
		if _, err := (harness.Command{Dir: dir, Args: []string{"sh", "-c", fromTree(line)}, Env: []string{"GOPROXY=off"}}).RunOK(); err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
	}
}

func runGo(t *testing.T, dir string, args ...string) {
	t.Helper()
	if _, err := (harness.Command{Dir: dir, Args: append([]string{"go"}, args...), Env: []string{"GOPROXY=off"}}).RunOK(); err != nil {
		t.Fatal(err)
	}
}

func copyModule(t *testing.T, src string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "m")
	if err := os.CopyFS(dir, os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
	for name, text := range snapshot(t, dir) {
		if now := fromTree(text); now != text {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(now), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// snapshot returns the texts of all Go files below dir.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			rel, _ := filepath.Rel(dir, path)
			files[filepath.ToSlash(rel)] = read(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestGenerateCases holds siblings to what the cases record, those with several
// files or with cgo: builds differ in what is between files.
func TestGenerateCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "testdata", "cases", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	cgo := cgoWorks(t)
	var found, ran atomic.Int32
	t.Run("case", func(t *testing.T) {
		for _, file := range files {
			p, err := load(file, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			goFiles := snapshot(t, p.src)
			if len(goFiles) < 2 && !p.cgo || p.cgo && !cgo {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				if found.Add(1)%4 != 1 && !*casesFlag {
					t.Skip("only with -cases")
				}
				t.Parallel()
				ran.Add(1)
				generateCase(t, p)
			})
		}
	})
	t.Logf("%d of %d cases are for this, %d of them run", found.Load(), len(files), ran.Load())
}

func generateCase(t *testing.T, p program) {
	exe := filepath.Join(t.TempDir(), harness.Exe("program"))
	generate := func(flags ...string) {
		args := append(append([]string{tool, "generate"}, flags...), "./...")
		if _, err := (harness.Command{Dir: p.src, Args: args}).RunOK(); err != nil {
			t.Fatal(err)
		}
	}
	generate()
	for _, tags := range []string{"", "dedefer"} {
		if err := harness.GoBuild(p.src, exe, "-tags="+tags); err != nil {
			t.Fatal(err)
		}
		got, err := harness.Command{Dir: p.src, Args: []string{exe}, Env: []string{"GOTRACEBACK=none"}}.Run()
		if err != nil {
			t.Fatal(err)
		}
		if diff := harness.Compare(p.want, got, p.stderr); diff != "" {
			t.Errorf("with -tags=%s: %s", tags, diff)
		}
	}
	generate("-check")
}
