package lower

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// outputPrefix begins the comment that says what an example prints (go/doc, example.go).
var outputPrefix = regexp.MustCompile(`(?i)^\s*(unordered )?output:`)

// keepOutput keeps the expected output of an example the last comment in its body, in a
// group of its own. Only there go test looks for it, but calls and other comments
// come to stand behind what was the last statement:
//
//	f.Close() // it is over
//
//	// Output:
//	// x
func (d *Decl) keepOutput(u *plan.Unit, dec *decorator.Decorator, all []comment) {
	fn, ok := u.Decl.(*ast.FuncDecl)
	if !ok || u.Same() || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Example") {
		return
	}
	output, spaced := outputOf(u, fn)
	comments := find(all, output)
	if comments == nil {
		return
	}
	body := dec.Dst.Nodes[fn.Body].(*dst.BlockStmt)
	dst.Inspect(body, func(n dst.Node) bool {
		eachDecorations(n, func(_ string, decs *dst.Decorations) { removeGroup(decs, comments) })
		return true
	})
	if len(body.List) == 0 {
		atOpening(&body.Decs.Lbrace, comments)
		return
	}
	end := &body.List[len(body.List)-1].Decorations().End
	if n := len(*end); n == 0 || !endsLine((*end)[n-1]) {
		end.Append("\n")
		spaced = spaced || n > 0
	} else {
		spaced = true
	}
	if spaced {
		end.Append("\n")
	}
	end.Append(comments...)
}

// outputOf returns the comments of the expected output of fn, and whether a blank line
// stands before them.
func outputOf(u *plan.Unit, fn *ast.FuncDecl) (list []*ast.Comment, spaced bool) {
	var last *ast.CommentGroup
	line := func(n ast.Node) int { return u.Pkg.Fset.PositionFor(n.End(), false).Line }
	before := line(fn.Body.List[len(fn.Body.List)-1])
	for _, g := range u.File.Syntax.Comments {
		if g.Pos() < fn.Body.Pos() || g.End() > fn.Body.Rbrace {
			continue
		}
		if last != nil {
			before = max(before, line(last))
		}
		last = g
	}
	if last == nil || !outputPrefix.MatchString(last.Text()) {
		return nil, false
	}
	return last.List, u.Pkg.Fset.PositionFor(last.Pos(), false).Line > before+1
}

// find returns the comments of list with their numbers; nil where that is empty.
func find(all []comment, list []*ast.Comment) (found []string) {
	if len(list) == 0 {
		return nil
	}
	for i := len(all) - len(list); i >= 0; i-- {
		if slices.EqualFunc(all[i:i+len(list)], list, func(c comment, a *ast.Comment) bool {
			text, _, _ := strings.Cut(c.text, numbered)
			return text == a.Text
		}) {
			for _, c := range all[i : i+len(list)] {
				found = append(found, c.text)
			}
			return found
		}
	}
	return nil
}

// removeGroup removes comments, and the blank lines before them.
func removeGroup(decs *dst.Decorations, comments []string) {
	var kept []string
	for _, text := range *decs {
		if !slices.Contains(comments, text) {
			kept = append(kept, text)
			continue
		}
		for len(kept) > 0 && kept[len(kept)-1] == "\n" {
			kept = kept[:len(kept)-1]
		}
	}
	*decs = kept
}
