package facts

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Source is a store that looks at the source of a function when it is asked
// for: it knows only whether the function calls recover. Export data names the
// file of each function, but that may be what a //line directive says, or
// shortened by -trimpath.
type Source struct {
	Fset  *token.FileSet                    // of the functions asked for
	Files func(path string) []string        // the Go files of a package
	Read  func(name string) ([]byte, error) // the text of a file

	mu    sync.Mutex
	files map[string]map[string]Func // by file, then by Name; nil for a file that cannot be read
}

// Get looks for fn in the files of its package.
func (s *Source) Get(fn *types.Func) (f Func, ok bool) {
	if fn.Pkg() == nil { // error.Error
		return Func{}, false
	}
	name := s.Fset.PositionFor(fn.Pos(), false).Filename
	if rest, found := strings.CutPrefix(name, "$GOROOT"); found {
		name = build.Default.GOROOT + rest
	}
	files := s.Files(fn.Pkg().Path())
	if slices.Contains(files, name) {
		files = []string{name}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range files {
		if f, ok = s.file(name)[Name(fn)]; ok {
			break
		}
	}
	return f, ok
}

// Set does nothing: the source tells.
func (s *Source) Set(*Package) {}

// file tells of each function of a file whether it calls recover.
func (s *Source) file(name string) map[string]Func {
	funcs, seen := s.files[name]
	if seen {
		return funcs
	}
	if src, err := s.Read(name); err == nil {
		if f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution); err == nil {
			funcs = map[string]Func{}
			Scan(funcs, name, src, f)
		}
	}
	if s.files == nil {
		s.files = map[string]map[string]Func{}
	}
	s.files[name] = funcs
	return funcs
}

// RecoverWord finds the word recover in the text of a file. A file without it
// calls recover nowhere.
var RecoverWord = regexp.MustCompile(`\brecover\b`)

var linkname = []byte("//go:linkname")

// Scan adds to funcs, of each function declared in a file, whether it calls
// recover. It needs no types: a shadowed recover counts as the builtin.
func Scan(funcs map[string]Func, name string, src []byte, f *ast.File) {
	mentions, links := RecoverWord.Match(src), bytes.Contains(src, linkname)
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		recovers := false
		switch {
		case d.Body == nil:
			// Assembly does not call recover; a function that the linker
			// joins to another one by name may.
			recovers = links && !InGOROOT(name)
		default:
			recovers = mentions && mentionsRecover(d.Body)
		}
		funcs[Declared(d)] = Func{Recovers: recovers, File: name}
	}
}

// Declared returns the Name of the function that d declares.
func Declared(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	typ := ast.Unparen(d.Recv.List[0].Type)
	if s, ok := typ.(*ast.StarExpr); ok {
		typ = ast.Unparen(s.X)
	}
	switch t := typ.(type) {
	case *ast.IndexExpr:
		typ = t.X
	case *ast.IndexListExpr:
		typ = t.X
	}
	if id, ok := typ.(*ast.Ident); ok {
		return id.Name + "." + d.Name.Name
	}
	return d.Name.Name
}

// InGOROOT reports whether a file belongs to the standard library.
func InGOROOT(name string) bool {
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
