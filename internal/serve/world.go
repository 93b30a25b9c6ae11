package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/importer"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dedefer/dedefer/internal/playground"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// A world is what the go command knows of packages, asked for once each.
type world struct {
	playground.World
	dir string

	mu       sync.Mutex
	packages map[string]*listed
}

// listed is a package as the go command lists it.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Export     string
	Error      *struct{ Err string }

	recovering []string
	looked     bool
}

func newWorld(dir string) *world {
	w := &world{dir: dir, packages: map[string]*listed{}}
	w.World.Importer = importer.ForCompiler(token.NewFileSet(), "gc", w.export)
	w.World.Recovering = w.recovering
	return w
}

// export opens the export data of a package.
func (w *world) export(path string) (io.ReadCloser, error) {
	p, err := w.list(path)
	switch {
	case err != nil:
		return nil, err
	case p.Error != nil:
		return nil, fmt.Errorf("%s", strings.TrimSpace(p.Error.Err))
	case p.Export == "":
		return nil, fmt.Errorf("%s does not build", path)
	}
	return os.Open(p.Export)
}

// list asks the go command for a package, with all that it imports.
func (w *world) list(path string) (*listed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.packages[path]; p != nil && p.Error == nil {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export,Error", "--", path)
	cmd.Dir = w.dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %v: %s", err, strings.TrimSpace(stderr.String()))
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{}
		if err := dec.Decode(p); err != nil {
			break
		}
		w.packages[p.ImportPath] = p
	}
	if p := w.packages[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("the go command does not know %s", path)
}

// recovering finds the functions of a package that call recover in its source.
func (w *world) recovering(path string) (names []string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.packages[path]
	if p == nil {
		return nil, false
	}
	if p.looked {
		return p.recovering, true
	}
	fset := token.NewFileSet()
	for _, name := range p.GoFiles {
		name = filepath.Join(p.Dir, name)
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, false
		}
		syn, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, false
		}
		p.recovering = append(p.recovering, lowering.Recovering(name, src, syn)...)
	}
	p.looked = true
	return p.recovering, true
}
