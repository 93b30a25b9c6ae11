// Command playground writes the playground of dedefer serve as files that need no
// server: the page, and the lowering compiled to WebAssembly, with what it has to
// know of the standard library.
//
//	go run ./integration/playground -o DIR
//
// DIR can be put on any web server, and opened from the disk, too.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/dedefer/dedefer/integration/playground/std"
	"github.com/dedefer/dedefer/internal/playground/web"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// imported are the packages that programs like to import.
var imported = []string{
	"bufio", "bytes", "cmp", "compress/gzip", "container/heap", "container/list", "context", "crypto/rand", "crypto/sha256",
	"database/sql", "encoding/base64", "encoding/binary", "encoding/csv", "encoding/hex", "encoding/json", "encoding/xml", "errors",
	"flag", "fmt", "html/template", "io", "io/fs", "iter", "log", "log/slog", "maps", "math", "math/big", "math/bits", "math/rand", "math/rand/v2",
	"net", "net/http", "net/http/httptest", "net/url", "os", "os/exec", "os/signal", "path", "path/filepath", "reflect", "regexp", "runtime", "runtime/debug",
	"slices", "sort", "strconv", "strings", "sync", "sync/atomic", "testing", "text/tabwriter", "text/template", "time", "unicode", "unicode/utf8", "unsafe",
}

func main() {
	log.SetFlags(0)
	out := flag.String("o", "", "the directory to write to")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := build(*out); err != nil {
		log.Fatal(err)
	}
}

// build writes the page and its scripts.
func build(out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	known, err := stdPackages(imported)
	if err != nil {
		return err
	}
	program, err := compile()
	if err != nil {
		return err
	}
	exec, err := wasmExec()
	if err != nil {
		return err
	}
	lowering, err := script("dedeferProgram", program)
	if err != nil {
		return err
	}
	packages, err := script("dedeferPackages", known)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := (&web.Page{Engine: engine}).Write(&page); err != nil {
		return err
	}
	total := 0
	for name, data := range map[string][]byte{
		"index.html": page.Bytes(), "wasm_exec.js": exec, "lowering.js": lowering, "std.js": packages,
	} {
		if err := os.WriteFile(filepath.Join(out, name), data, 0o644); err != nil {
			return err
		}
		total += len(data)
	}
	fmt.Printf("%s: %.1f MB; the lowering is %.1f MB, packed %.1f MB; what it knows of %d packages %.1f MB, packed %.1f MB\n",
		out, mb(total), mb(len(program)), mb(len(lowering)), len(imported), mb(len(known)), mb(len(packages)))
	return nil
}

func mb(n int) float64 { return float64(n) / 1e6 }

// engine runs the lowering in the page. Its files are scripts, since a page from the
// disk may load no others; they are unpacked at once.
const engine = `<script src="wasm_exec.js"></script>
<script src="std.js" async></script>
<script src="lowering.js" async></script>
<script>
(async () => {
	const start = performance.now();
	const loaded = async name => { while (!window[name]) await new Promise(r => setTimeout(r, 10)); return window[name]; };
	const unpacked = async name => {
		const bytes = Uint8Array.from(atob(await loaded(name)), c => c.charCodeAt(0));
		window[name] = true;
		return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
	};
	const program = (async () => WebAssembly.compile(await (await unpacked("dedeferProgram")).arrayBuffer()))();
	window.dedeferStd = new Uint8Array(await (await unpacked("dedeferPackages")).arrayBuffer());
	window.dedeferReady = lower => {
		delete window.dedeferStd;
		document.documentElement.dataset.engine = String(Math.round(performance.now() - start));
		dedeferEngine({ lower: async request => JSON.parse(lower(JSON.stringify(request))) });
	};
	const go = new Go();
	go.run(await WebAssembly.instantiate(await program, go.importObject));
})();
</script>`

// script makes a script that sets a variable to data, packed.
func script(name string, data []byte) ([]byte, error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "window.%s=%q;\n", name, base64.StdEncoding.EncodeToString(packed.Bytes())), nil
}

// compile builds the lowering for the page.
func compile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "dedefer-playground-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "lowering.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", name, "github.com/dedefer/dedefer/integration/playground/wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %v\n%s", err, out)
	}
	return os.ReadFile(name)
}

// wasmExec returns Go's own script for such programs.
func wasmExec() ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
}

// stdPackages returns what the page has to know of packages, as it reads it.
func stdPackages(paths []string) ([]byte, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export"}, paths...)...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	asked := map[string]bool{}
	for _, path := range paths {
		asked[path] = true
	}
	packages := map[string]std.Package{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if !asked[l.ImportPath] || l.Export == "" {
			continue
		}
		p, err := l.load()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.ImportPath, err)
		}
		packages[l.ImportPath] = p
	}
	var b bytes.Buffer
	err = gob.NewEncoder(&b).Encode(packages)
	return b.Bytes(), err
}

// listed is a package as the go command lists it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// load reads the types of a package, and looks for recover in its source.
func (l listed) load() (p std.Package, err error) {
	f, err := os.Open(l.Export)
	if err != nil {
		return p, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return p, err
	}
	fset := token.NewFileSet()
	pkg, err := gcexportdata.Read(r, fset, map[string]*types.Package{}, l.ImportPath)
	if err != nil {
		return p, err
	}
	var b bytes.Buffer
	if err := gcexportdata.Write(&b, fset, pkg); err != nil { // without the bodies of functions
		return p, err
	}
	p.Export = b.Bytes()
	for _, name := range l.GoFiles {
		name = filepath.Join(l.Dir, name)
		src, err := os.ReadFile(name)
		if err != nil {
			return p, err
		}
		syn, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return p, err
		}
		p.Recovering = append(p.Recovering, lowering.Recovering(name, src, syn)...)
	}
	return p, nil
}
