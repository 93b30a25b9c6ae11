package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExamples runs the examples that help has for each command, as they are
// printed, each command's in a small module. They run one after the other: what
// some compile of the standard library, others find in the cache.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("the standard library is compiled")
	}
	var script strings.Builder
	script.WriteString("[!exec:bash] skip\nmkdir home\nenv HOME=$WORK/home\n")
	var helps []string
	for _, c := range commands {
		if slices.Contains(helps, c.help()) { // build, test, run and install share theirs
			continue
		}
		helps = append(helps, c.help())
		examples := helpExamples(c.help())
		if len(examples) < 2 {
			t.Errorf("help %s has %d examples, want two or more", c.name, len(examples))
		}
		fmt.Fprintf(&script, "mkdir $WORK/%s\ncd $WORK\ncp go.mod main.go main_test.go %[1]s\ncd %[1]s\n", c.name)
		for _, line := range examples {
			script.WriteString(exampleScript(line))
		}
	}
	module, err := os.ReadFile(filepath.Join("testdata", "examples.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "examples.txtar"), append([]byte(script.String()), module...), 0o666); err != nil {
		t.Fatal(err)
	}
	runScripts(t, dir)
}

// helpExamples returns the command lines below "Examples:".
func helpExamples(help string) (lines []string) {
	_, text, _ := strings.Cut(help, "\nExamples:\n")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// exampleScript runs an example. A server is interrupted once it has told its URL.
func exampleScript(line string) string {
	quoted := strings.ReplaceAll(line, "'", "''")
	if !strings.HasPrefix(line, "dedefer serve") {
		return fmt.Sprintf("exec bash -c '%s'\n", quoted)
	}
	return fmt.Sprintf(`exec bash -c 'exec %s >url' &server&
exec bash -c 'until grep -q http: url; do sleep 0.1; done'
kill -INT server
wait server
rm url
`, quoted)
}
