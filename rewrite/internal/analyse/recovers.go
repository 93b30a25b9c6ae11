package analyse

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dedefer/dedefer/rewrite/internal/load"
)

// Recovers says whether a deferred call may stop a panic.
type Recovers struct {
	How   Recovery
	Why   string // for Maybe: the reason
	Calls bool   // for Maybe: the callee is seen to call recover
}

// A Recovery is a way in which a deferred call may stop a panic.
type Recovery int

const (
	Never  Recovery = iota // the callee does not call recover itself
	Inside                 // a literal that calls recover: its calls can be replaced
	Maybe                  // the callee calls recover, or cannot be seen
)

// Recoverers tells which functions call recover themselves, from their
// source. Export data names the file of each function of each dependency, but
// that may be what a //line directive says, or shortened by -trimpath.
type Recoverers struct {
	fset  *token.FileSet
	mu    sync.Mutex
	files map[string]map[string]bool // file, then function; nil for a file that cannot be read
}

// NewRecoverers returns an empty cache for functions with positions in fset.
func NewRecoverers(fset *token.FileSet) *Recoverers {
	return &Recoverers{fset: fset, files: map[string]map[string]bool{}}
}

func (r *Recoverers) of(u *Unit, c *Callee) Recovers {
	switch c.Kind {
	case Literal:
		if len(c.Recover) > 0 {
			return Recovers{How: Inside}
		}
		return Recovers{}
	case Builtin, CFunction:
		return Recovers{}
	case Interface:
		return Recovers{How: Maybe, Why: "an interface method may call recover"}
	case Value:
		return u.valueRecovers(c.Fun)
	}
	if recv := c.Func.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return Recovers{How: Maybe, Why: "an interface method may call recover"}
	}
	calls, ok := r.calls(u.Pkg, c.Func.Origin())
	switch {
	case !ok:
		return Recovers{How: Maybe, Why: "the source of " + c.Func.Name() + " was not found"}
	case calls:
		return Recovers{How: Maybe, Why: c.Func.Name() + " calls recover", Calls: true}
	}
	return Recovers{}
}

// calls reports whether fn, which is called in pkg, calls recover itself; ok is
// false where its source cannot be found.
func (r *Recoverers) calls(pkg *load.Package, fn *types.Func) (calls, ok bool) {
	if fn.Pkg() == nil { // error.Error
		return false, false
	}
	name := r.fset.PositionFor(fn.Pos(), false).Filename
	if rest, found := strings.CutPrefix(name, "$GOROOT"); found {
		name = build.Default.GOROOT + rest
	}
	files := pkg.FilesOf(fn.Pkg())
	if slices.Contains(files, name) {
		files = []string{name}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range files {
		if calls, ok = r.file(name)[key(fn)]; ok {
			break
		}
	}
	return calls, ok
}

// file tells of each function of a file whether it calls recover.
func (r *Recoverers) file(name string) map[string]bool {
	funcs, seen := r.files[name]
	if !seen {
		funcs = scan(name)
		r.files[name] = funcs
	}
	return funcs
}

func key(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := recv.Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name() + "." + fn.Name()
	}
	return fn.Name()
}

var (
	recoverWord = regexp.MustCompile(`\brecover\b`)
	linkname    = []byte("//go:linkname")
)

// scan tells of each function declared in a file whether it calls recover.
// Without type information a shadowed recover counts as the builtin.
func scan(name string) map[string]bool {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	mentions, links := recoverWord.Match(src), bytes.Contains(src, linkname)
	funcs := map[string]bool{}
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		k := strings.NewReplacer("(*", "", ")", "").Replace(declName(d))
		switch {
		case d.Body == nil:
			// Assembly does not call recover; a function that the linker
			// joins to another one by name may.
			funcs[k] = links && !inGOROOT(name)
		default:
			funcs[k] = mentions && mentionsRecover(d.Body)
		}
	}
	return funcs
}

func inGOROOT(name string) bool {
	return strings.HasPrefix(name, filepath.Join(build.Default.GOROOT, "src")+string(filepath.Separator))
}

func mentionsRecover(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && id.Name == "recover" {
				found = true
			}
		}
		return !found
	})
	return found
}
