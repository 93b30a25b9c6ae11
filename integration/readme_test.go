package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestReadme checks the README's example: a function, and what dedefer makes
// of it in modes none and native.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of Go, want 3", len(blocks))
	}
	dir := t.TempDir()
	const head = `package store

import (
	"os"
	"sync"
)

type Store struct{ mu sync.Mutex }

func (s *Store) write(*os.File) error

`
	for name, data := range map[string]string{
		"go.mod":   "module example.com/store\n\ngo 1.26\n",
		"store.go": head + blocks[0][1],
		"store.s":  "// The body of write.\n",
	} {
		if err := writeFile(dir, name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	for i, mode := range []string{"none", "native"} {
		r, err := harness.Command{Dir: dir, Args: []string{tool, "rewrite", "-unwind=" + mode}}.RunOK()
		if err != nil {
			t.Fatal(err)
		}
		if want := blocks[i+1][1]; !strings.Contains(r.Stdout, want) {
			t.Errorf("-unwind=%s: the README has\n%s\ndedefer prints\n%s", mode, want, r.Stdout)
		}
	}
}
