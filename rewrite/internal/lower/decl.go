package lower

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
	"github.com/dedefer/dedefer/runtime"
)

// A Decl is a lowered declaration.
type Decl struct {
	File *dst.File   // holds nothing else
	Uses runtime.Use // of the bundled runtime

	origin map[dst.Node]token.Pos
	from   map[dst.Node]Origin
	ast    map[dst.Node]ast.Node
}

// An Origin is what a node of the output was made for:
//
//	active = true        // Site: the entry is pending
//	result := f(w)       // Exit: the results are set
//	w.Close()            // Site and Exit: the call there
//	w.Close()            // Guard and Site: the call for a panic
//	var active bool      // Func alone: a declaration
type Origin struct {
	Func  *plan.Func
	Site  *plan.Site
	Exit  *plan.Exit
	Guard *plan.Guard
	Own   bool // for a panic, too, with Site: its literal is its own guard
	Tail  bool // in the chain that exits share
}

// Origin returns what a node of the output was made for.
func (d *Decl) Origin(n dst.Node) Origin { return d.from[n] }

// Pos returns the position in the input that a node of the output comes from.
func (d *Decl) Pos(n dst.Node) token.Pos {
	if a := d.ast[n]; a != nil {
		return a.Pos()
	}
	return d.origin[n]
}

// End returns the position of the last character of a node of the input, and no
// position for another node.
func (d *Decl) End(n dst.Node) token.Pos {
	if a := d.ast[n]; a != nil {
		return a.End() - 1
	}
	return token.NoPos
}

// Qualifies reports whether the declaration writes name before a dot, as an import's.
func (d *Decl) Qualifies(name string) (found bool) {
	dst.Inspect(d.File, func(n dst.Node) bool {
		if sel, ok := n.(*dst.SelectorExpr); ok {
			id, ok := sel.X.(*dst.Ident)
			found = found || ok && id.Name == name
		}
		return !found
	})
	return found
}

// IsInput reports whether a node of the output is one of the input.
func (d *Decl) IsInput(n dst.Node) bool { return d.ast[n] != nil }

// again returns a copy of n that comes from where n does.
func (d *Decl) again(n dst.Node) dst.Node {
	c := dst.Clone(n)
	var from []dst.Node
	dst.Inspect(n, func(m dst.Node) bool {
		from = append(from, m)
		return true
	})
	dst.Inspect(c, func(m dst.Node) bool {
		if pos := d.Pos(from[0]); m != nil && pos.IsValid() {
			d.origin[m] = pos
		}
		from = from[1:]
		return true
	})
	return c
}

// decorate returns a dst file that holds the declaration of u alone. Positions are
// those of the input, in a FileSet of their own: //line directives do not matter
// there, and dst does not look at the rest of the file.
func decorate(u *plan.Unit, dec *decorator.Decorator) (*dst.File, error) {
	whole := u.Pkg.Fset.File(u.Decl.Pos())
	// Room for a package clause; every file has as much before its first
	// declaration.
	header := min(16, int(u.Decl.Pos())-1)
	start := int(u.Decl.Pos()) - header
	fset := token.NewFileSet()
	tf := fset.AddFile("", start, int(u.Decl.End())-start+1)
	lines := []int{0, header}
	first := whole.PositionFor(u.Decl.Pos(), false).Line
	for l := first + 1; l <= whole.LineCount() && whole.LineStart(l) < u.Decl.End(); l++ {
		lines = append(lines, int(whole.LineStart(l))-start)
	}
	if !tf.SetLines(lines) {
		lines = lines[:1]
		tf.SetLines(lines)
	}
	file := &ast.File{
		Package:   token.Pos(start),
		Name:      &ast.Ident{NamePos: token.Pos(start + len("package ")), Name: "p"},
		Decls:     []ast.Decl{withoutDoc(u.Decl)},
		FileStart: token.Pos(start), FileEnd: u.Decl.End(),
	}
	comments := u.File.Syntax.Comments
	i, _ := slices.BinarySearchFunc(comments, u.Decl.Pos(), func(c *ast.CommentGroup, pos token.Pos) int { return cmp.Compare(c.Pos(), pos) })
	for _, c := range comments[i:] {
		if c.End() > u.Decl.End() {
			break
		}
		file.Comments = append(file.Comments, markIndented(whole, c))
	}
	dec.Fset = fset
	return dec.DecorateFile(file)
}

// IndentedLine stands for the "//line " of a comment that does not start its line: the
// compiler does not take that for a directive, and the printer would.
const IndentedLine = "//\x02line "

// markIndented returns g with IndentedLine where its comments have that.
func markIndented(file *token.File, g *ast.CommentGroup) *ast.CommentGroup {
	marked := &ast.CommentGroup{}
	for _, c := range g.List {
		if text, ok := strings.CutPrefix(c.Text, "//line "); ok && file.PositionFor(c.Pos(), false).Column > 1 {
			c = &ast.Comment{Slash: c.Slash, Text: IndentedLine + text}
		}
		marked.List = append(marked.List, c)
	}
	return marked
}

// withoutDoc returns decl without the comment above it, which stays as it is.
func withoutDoc(decl ast.Decl) ast.Decl {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		c := *d
		c.Doc = nil
		return &c
	case *ast.GenDecl:
		c := *d
		c.Doc = nil
		return &c
	}
	return decl
}
