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
	"strconv"
	"strings"
	"sync"
)

// A Source is a store that looks into the source of a function when it is asked for
// it. It knows only whether the function calls recover or runtime.Goexit. Export data
// names the file of each function, but that may be what a //line directive says, or
// what -trimpath has left.
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
		if f, ok = find(s.file(name), fn); ok {
			break
		}
	}
	return f, ok
}

// find returns what funcs, of a file of its package, has of fn.
func find(funcs map[string]Func, fn *types.Func) (f Func, ok bool) {
	if f, ok = funcs[Name(fn)]; ok {
		return f, true
	}
	for name, f := range funcs {
		if MayDeclare(name, fn) {
			return f, true
		}
	}
	return Func{}, false
}

// Set does nothing: the source tells.
func (s *Source) Set(*Package) {}

// file returns what Scan finds in a file.
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
// recover, and where it calls runtime.Goexit. It needs no types: a shadowed recover
// counts as the builtin, and a shadowed runtime as the package.
func Scan(funcs map[string]Func, name string, src []byte, f *ast.File) {
	mentions, links := RecoverWord.Match(src), bytes.Contains(src, linkname)
	runtime := ""
	if bytes.Contains(src, []byte(".Goexit(")) {
		runtime = importedAs(f, "runtime")
	}
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		known := Func{File: name}
		switch {
		case d.Body == nil:
			// Assembly does not call recover; a function that the linker
			// joins to another one by name may.
			known.Recovers = links && !InGOROOT(name)
		default:
			known.Recovers = mentions && findCall(d.Body, isRecover) != nil
			if runtime == "" {
				break
			}
			if c := findCall(d.Body, func(fun ast.Expr) bool { return isSelector(fun, runtime, "Goexit") }); c != nil {
				known.Goexit = positionIn(name, src, int(c.Pos()-f.FileStart))
			}
		}
		funcs[Declared(d)] = known
	}
}

// importedAs returns the name by which f imports the package at path; "" where it
// does not.
func importedAs(f *ast.File, path string) string {
	for _, imp := range f.Imports {
		if imp.Path.Value != strconv.Quote(path) {
			continue
		}
		if imp.Name != nil {
			return imp.Name.Name
		}
		return path
	}
	return ""
}

// isRecover reports whether fun is the name recover.
func isRecover(fun ast.Expr) bool {
	id, ok := fun.(*ast.Ident)
	return ok && id.Name == "recover"
}

// isSelector reports whether x is pkg.name.
func isSelector(x ast.Expr, pkg, name string) bool {
	sel, ok := x.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg
}

// positionIn returns the position of an offset in the text of a file.
func positionIn(name string, src []byte, offset int) Position {
	before := src[:offset]
	return Position{name, bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')}
}

// Declared returns the Name of the function that d declares, where that is no method whose
// receiver has an alias for its type: see Resolve.
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

// Resolve renames in funcs the methods that are declared with an alias for the type of the
// receiver: A.M becomes T.M where the package, whose scope this is, has "type A = T".
func Resolve(funcs map[string]Func, scope *types.Scope) {
	for name, f := range funcs {
		if t := Resolved(name, scope); t != name {
			delete(funcs, name)
			funcs[t] = f
		}
	}
}

// Resolved returns the Name of a function that is Declared with this one.
func Resolved(name string, scope *types.Scope) string {
	recv, method, ok := strings.Cut(name, ".")
	if !ok {
		return name
	}
	alias, ok := scope.Lookup(recv).(*types.TypeName)
	if !ok || !alias.IsAlias() {
		return name
	}
	t := types.Unalias(alias.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name() + "." + method
	}
	return name
}

// MayDeclare reports whether a declaration with this name may be that of fn. The scope of a package
// that is known by its export data lacks aliases that nothing else mentions.
func MayDeclare(name string, fn *types.Func) bool {
	if name == Name(fn) {
		return true
	}
	recv, method, ok := strings.Cut(name, ".")
	if !ok || method != fn.Name() || fn.Signature().Recv() == nil {
		return false
	}
	scope := fn.Pkg().Scope()
	return scope.Lookup(recv) == nil || Resolved(name, scope) == Name(fn)
}

// InGOROOT reports whether name is a file of the standard library, as the go command
// or export data says it.
func InGOROOT(name string) bool {
	return strings.HasPrefix(name, filepath.Join(build.Default.GOROOT, "src")+string(filepath.Separator)) || strings.HasPrefix(name, "$GOROOT/")
}

// findCall returns the first call in body, outside of literals, whose function what
// accepts; nil where there is none.
func findCall(body *ast.BlockStmt, what func(fun ast.Expr) bool) (found *ast.CallExpr) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if found == nil && what(ast.Unparen(n.Fun)) {
				found = n
			}
		}
		return found == nil
	})
	return found
}
