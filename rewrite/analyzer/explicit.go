package analyzer

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/dedefer/dedefer/rewrite/lowering"
)

// explicit offers, for each declaration with a defer statement, its lowering.
func (c *checker) explicit(known lowering.Facts) error {
	out, err := lowering.Lower(c.pkg, lowering.Options{Alone: true}, known)
	if err != nil {
		return err
	}
	for _, text := range out.Files {
		if err := c.offer(text); err != nil {
			return err
		}
	}
	return nil
}

// offer reports the declarations in which the old and the new text of a file
// differ. One that needs an import which the file does not have is left out: the
// bundled runtime is in no module yet.
func (c *checker) offer(text lowering.Text) error {
	fset := token.NewFileSet()
	after, err := parser.ParseFile(fset, text.File.Name, text.New, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return err
	}
	before, tf := text.File.Syntax, c.pkg.Fset.File(text.File.Syntax.FileStart)
	added, old, lowered := addedImports(before, after), declarations(before), declarations(after)
	for i, d := range old {
		from := text.File.Src[tf.Offset(d.Pos()):tf.Offset(d.End())]
		at := fset.File(after.FileStart)
		to := text.New[at.Offset(lowered[i].Pos()):at.Offset(lowered[i].End())]
		if bytes.Equal(from, to) || mentions(lowered[i], added) {
			continue
		}
		name := "this declaration"
		if fd, ok := d.(*ast.FuncDecl); ok {
			name = fd.Name.Name
		}
		c.pass.Report(analysis.Diagnostic{
			Pos: d.Pos(), Category: "explicit",
			Message: "the defer statements of " + name + " can be explicit calls",
			SuggestedFixes: []analysis.SuggestedFix{{
				Message:   "Make the deferred calls of " + name + " explicit",
				TextEdits: []analysis.TextEdit{{Pos: d.Pos(), End: d.End(), NewText: to}},
			}},
		})
	}
	return nil
}

// declarations returns what f declares, but for its imports.
func declarations(f *ast.File) []ast.Decl {
	return slices.DeleteFunc(slices.Clone(f.Decls), func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && g.Tok == token.IMPORT
	})
}

// addedImports returns the names of the packages that after imports and before
// does not.
func addedImports(before, after *ast.File) map[string]bool {
	had := map[string]bool{}
	for _, imp := range before.Imports {
		had[imp.Path.Value] = true
	}
	added := map[string]bool{}
	for _, imp := range after.Imports {
		switch {
		case had[imp.Path.Value]:
		case imp.Name != nil:
			added[imp.Name.Name] = true
		default:
			added[path.Base(strings.Trim(imp.Path.Value, "\"`"))] = true
		}
	}
	return added
}

// mentions reports whether d selects something from one of names.
func mentions(d ast.Decl, names map[string]bool) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			id, isID := sel.X.(*ast.Ident)
			found = found || isID && names[id.Name]
		}
		return !found
	})
	return found
}
