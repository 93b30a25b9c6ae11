package load

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/dedefer/dedefer/internal/sibling"
)

// An Ignored file is one that the configuration leaves out and that holds a
// defer statement.
type Ignored struct {
	Pos        token.Position // of the first defer statement
	Constraint string         // what leaves it out
}

func ignored(roots []*packages.Package, files Source) []Ignored {
	var out []Ignored
	seen := map[string]bool{}
	for _, p := range roots {
		for _, name := range p.IgnoredFiles {
			if seen[name] || !strings.HasSuffix(name, ".go") {
				continue
			}
			seen[name] = true
			if pos, c, ok := firstDefer(name, files); ok {
				out = append(out, Ignored{pos, c})
			}
		}
	}
	slices.SortFunc(out, func(a, b Ignored) int { return cmp.Compare(a.Pos.Filename, b.Pos.Filename) })
	return out
}

// firstDefer looks for a defer statement in a file that may not even be
// meant to be Go: what does not parse has none. One that dedefer generate wrote
// has none to speak of.
func firstDefer(name string, files Source) (pos token.Position, reason string, ok bool) {
	src, err := files.Read(name)
	if err != nil || !bytes.Contains(src, []byte("defer")) {
		return pos, "", false
	}
	if _, ours := sibling.From(src); ours {
		return pos, "", false
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return pos, "", false
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if d, is := n.(*ast.DeferStmt); is && !ok {
			pos, ok = fset.PositionFor(d.Pos(), false), true
		}
		return !ok
	})
	return pos, excludedBy(name, f), ok
}

func excludedBy(name string, f *ast.File) string {
	for _, g := range f.Comments {
		if g.Pos() > f.Package {
			break
		}
		for _, c := range g.List {
			if constraint.IsGoBuild(c.Text) {
				return c.Text
			}
		}
	}
	for _, imp := range f.Imports {
		if imp.Path.Value == `"C"` {
			return "cgo is off"
		}
	}
	return "the file name " + filepath.Base(name)
}
