package analysis

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// calm are packages of the standard library whose functions call what they are given at once, or never,
// but for those that startsAny names.
var calm = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "errors": true, "expvar": true, "flag": true, "fmt": true, "io": true,
	"encoding/base64": true, "encoding/binary": true, "encoding/gob": true, "encoding/hex": true, "encoding/json": true,
	"html/template": true, "log": true, "log/slog": true, "maps": true, "os": true, "reflect": true, "regexp": true, "slices": true,
	"sort": true, "strconv": true, "strings": true, "sync": true, "sync/atomic": true, "text/template": true, "time": true,
	"unicode": true,
}

// standard are the first elements of the import paths of the standard library.
var standard = map[string]bool{
	"archive": true, "bufio": true, "bytes": true, "cmp": true, "compress": true, "container": true, "context": true, "crypto": true,
	"database": true, "debug": true, "embed": true, "encoding": true, "errors": true, "expvar": true, "flag": true, "fmt": true, "go": true,
	"hash": true, "html": true, "image": true, "index": true, "io": true, "iter": true, "log": true, "maps": true, "math": true, "mime": true,
	"net": true, "os": true, "path": true, "plugin": true, "reflect": true, "regexp": true, "runtime": true, "slices": true, "sort": true,
	"strconv": true, "strings": true, "structs": true, "sync": true, "syscall": true, "testing": true, "text": true, "time": true,
	"unicode": true, "unique": true, "unsafe": true, "weak": true,
}

// startsAny has functions of calm packages that start goroutines, that keep what they are given for
// others who may, and that call any function.
var startsAny = map[string]bool{
	"AfterFunc": true, "Go": true,
	"BoolFunc": true, "Func": true, "Publish": true, "SetDefault": true, "SetOutput": true, "TextVar": true, "Var": true,
	"Call": true, "CallSlice": true, "MakeFunc": true, "ValueOf": true,
}

// StartedIn adds to names the functions of a file that may start a goroutine, and "" where
// its initialisers may. Of the file only the syntax is known.
func StartedIn(file *ast.File, names map[string]bool) {
	if !Has[*ast.GoStmt](file) && !givesAway(file) {
		return
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = true
		case *ast.GenDecl:
			if d.Tok == token.VAR && callsAny(file, d) {
				names[""] = true
			}
		}
	}
}

// callsAny reports whether a declaration of file calls anything but functions of calm packages with
// literals: errors.New("closed").
func callsAny(file *ast.File, d *ast.GenDecl) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return !found
		}
		sel, _ := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		found = found || sel == nil || startsAny[sel.Sel.Name] || !calm[imported(file, sel.X)] || !allLiterals(call.Args)
		return !found
	})
	return found
}

// imported returns the path of the package of which file says that x is its name.
func imported(file *ast.File, x ast.Expr) string {
	id, _ := x.(*ast.Ident)
	for _, imp := range file.Imports {
		p, _ := strconv.Unquote(imp.Path.Value)
		if id != nil && (imp.Name == nil && path.Base(p) == id.Name || imp.Name != nil && imp.Name.Name == id.Name) {
			return p
		}
	}
	return ""
}

func allLiterals(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(x ast.Expr) bool {
		_, literal := ast.Unparen(x).(*ast.BasicLit)
		return !literal
	})
}

// givesAway reports whether file calls functions of other packages with what may hold code.
func givesAway(file *ast.File) (found bool) {
	foreign, unknown := map[string]bool{}, false // the names of packages
	for _, imp := range file.Imports {
		p, _ := strconv.Unquote(imp.Path.Value)
		if calm[p] || harmless[p] || strings.HasPrefix(p, "golang.org/x/sys/") {
			continue
		}
		name := path.Base(p)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		foreign[name] = true
		unknown = unknown || imp.Name == nil && (!token.IsIdentifier(name) || majorVersion.MatchString(name))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		found = ok && (foreign[id.Name] || unknown) && !allLiterals(call.Args)
		return !found
	})
	return found
}

// majorVersion is the end of an import path that is not the package's name.
var majorVersion = regexp.MustCompile(`^v\d+$`)

// harmless are packages whose functions take no code.
var harmless = map[string]bool{
	"C": true, "math": true, "math/bits": true, "os/signal": true, "path": true, "path/filepath": true, "runtime/debug": true,
	"syscall": true, "unicode/utf8": true, "unsafe": true,
}
