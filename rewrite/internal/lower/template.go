package lower

import (
	"fmt"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/dave/dst/dstutil"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A template is Go statements in the making: text with placeholders for syntax that
// comes from elsewhere.
//
//	var t template
//	t.add("if %s {\n%s\n}", "active", t.call(call))
//	list := t.parse()
type template struct {
	text  strings.Builder
	args  []dst.Expr
	lists map[int][]dst.Stmt // what stands for an argument that is nil
	parts []part
	from  map[dst.Node]Origin // after parse: of the statements of parts
}

// A part says what the text of a template was made for, from an offset on.
type part struct {
	offset int
	origin Origin
}

// as says what the text that follows is made for, and returns what the text before
// was made for: "defer t.as(t.as(o))" holds for the text of one function.
func (t *template) as(o Origin) (before Origin) {
	if n := len(t.parts); n > 0 {
		before = t.parts[n-1].origin
	}
	t.parts = append(t.parts, part{t.text.Len(), o})
	return before
}

// site says that the text that follows is made for s as well.
func (t *template) site(s *plan.Site) (before Origin) {
	o := t.made(t.text.Len())
	o.Site = s
	return t.as(o)
}

// made returns what the text at an offset was made for.
func (t *template) made(offset int) (o Origin) {
	for _, p := range t.parts {
		if p.offset > offset {
			break
		}
		o = p.origin
	}
	return o
}

// add adds a line, or several.
func (t *template) add(format string, args ...any) {
	fmt.Fprintf(&t.text, format, args...)
	t.text.WriteByte('\n')
}

// expr returns a placeholder for x: an imaginary number. Templates have no
// other use for one, and unlike a name it cannot be the user's.
func (t *template) expr(x dst.Expr) string {
	t.args = append(t.args, x)
	return fmt.Sprintf("%di", len(t.args)-1)
}

// call returns a placeholder for the call x. Unlike one for an expression it
// may stand behind defer.
func (t *template) call(x *dst.CallExpr) string {
	return strings.TrimSuffix(t.expr(x), "i") + callSuffix + "()"
}

const callSuffix = ".0i"

// stmts returns a placeholder that stands for all statements of list.
func (t *template) stmts(list []dst.Stmt) string {
	if t.lists == nil {
		t.lists = map[int][]dst.Stmt{}
	}
	t.lists[len(t.args)] = list
	return t.call(nil)
}

// parse returns the statements, with the syntax in the place of the placeholders.
func (t *template) parse() []dst.Stmt {
	if t.text.Len() == 0 {
		return nil
	}
	const head = "package p\n\nfunc _() {\n"
	src := head + t.text.String() + "}\n"
	// The parser resolves identifiers only to a certain depth.
	dec := decorator.NewDecorator(token.NewFileSet())
	file, err := dec.ParseFile("", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("template: %v\n%s", err, src))
	}
	body := file.Decls[0].(*dst.FuncDecl).Body
	if len(t.parts) > 0 {
		t.from = map[dst.Node]Origin{}
		for n, syn := range dec.Ast.Nodes {
			_, isStmt := n.(dst.Stmt)
			if o := t.made(dec.Fset.Position(syn.Pos()).Offset - len(head)); isStmt && o != (Origin{}) {
				t.from[n] = o
			}
		}
	}
	dstutil.Apply(body, func(c *dstutil.Cursor) bool {
		if st, ok := c.Node().(*dst.ExprStmt); ok {
			i, ok := placeholder(st.X)
			if list, isList := t.lists[i]; ok && isList {
				for _, s := range list {
					t.mark(s, t.from[st])
					c.InsertBefore(s)
				}
				c.Delete()
				return false
			}
		}
		i, ok := placeholder(c.Node())
		if ok {
			c.Replace(t.args[i])
		}
		return !ok
	}, nil)
	return body.List
}

// mark notes what s, which stands in the place of a placeholder, was made for.
func (t *template) mark(s dst.Stmt, o Origin) {
	if o == (Origin{}) {
		return
	}
	dst.Inspect(s, func(n dst.Node) bool {
		if st, ok := n.(dst.Stmt); ok {
			t.from[st] = o
		}
		return true
	})
}

// placeholder returns the number of the argument that n stands for, if it does.
func placeholder(n dst.Node) (int, bool) {
	lit, ok := n.(*dst.BasicLit)
	if call, isCall := n.(*dst.CallExpr); isCall {
		if lit, ok = call.Fun.(*dst.BasicLit); ok {
			ok = strings.HasSuffix(lit.Value, callSuffix)
		}
	}
	if !ok || lit.Kind != token.IMAG {
		return 0, false
	}
	i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(lit.Value, callSuffix), "i"))
	if err != nil {
		panic(err)
	}
	return i, true
}

// statement returns the statement that a text says.
func statement(format string, args ...any) []dst.Stmt {
	var t template
	t.add(format, args...)
	return t.parse()
}

// typeExpr returns the type that a text says.
func typeExpr(text string) dst.Expr {
	decl := statement("var _ %s", text)[0].(*dst.DeclStmt).Decl.(*dst.GenDecl)
	return decl.Specs[0].(*dst.ValueSpec).Type
}
