package lower

import (
	"fmt"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/dave/dst/dstutil"
)

// A template is Go statements in the making. Its text may hold placeholders
// for syntax that comes from elsewhere.
type template struct {
	text  strings.Builder
	args  []dst.Expr
	lists map[int][]dst.Stmt // what stands for an argument that is nil
}

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

// stmts returns a placeholder, for a statement, for all of list.
func (t *template) stmts(list []dst.Stmt) string {
	if t.lists == nil {
		t.lists = map[int][]dst.Stmt{}
	}
	t.lists[len(t.args)] = list
	return t.call(nil)
}

// parse returns the statements.
func (t *template) parse() []dst.Stmt {
	if t.text.Len() == 0 {
		return nil
	}
	src := "package p\n\nfunc _() {\n" + t.text.String() + "}\n"
	// The parser resolves identifiers only to a certain depth.
	file, err := decorator.NewDecorator(token.NewFileSet()).ParseFile("", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("template: %v\n%s", err, src))
	}
	body := file.Decls[0].(*dst.FuncDecl).Body
	dstutil.Apply(body, func(c *dstutil.Cursor) bool {
		if st, ok := c.Node().(*dst.ExprStmt); ok {
			i, ok := placeholder(st.X)
			if list, isList := t.lists[i]; ok && isList {
				for _, s := range list {
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

// placeholder returns the number of the argument that n stands for.
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

// statement parses one statement.
func statement(format string, args ...any) []dst.Stmt {
	var t template
	t.add(format, args...)
	return t.parse()
}

// typeExpr parses a type.
func typeExpr(text string) dst.Expr {
	decl := statement("var _ %s", text)[0].(*dst.DeclStmt).Decl.(*dst.GenDecl)
	return decl.Specs[0].(*dst.ValueSpec).Type
}

// clone copies an expression without its comments and line breaks at either
// end: they stay where the original is, or was.
func clone(x dst.Expr) dst.Expr {
	c := dst.Clone(x).(dst.Expr)
	clearDecorations(c)
	return c
}

func clearDecorations(n dst.Node) {
	dst.Inspect(n, func(m dst.Node) bool {
		if m == nil {
			return false
		}
		if _, ok := m.(*dst.FuncLit); ok {
			return false
		}
		eachDecorations(m, func(d *dst.Decorations) { *d = nil })
		return true
	})
	n.Decorations().Before, n.Decorations().After = dst.None, dst.None
}

var decorationsType = reflect.TypeFor[dst.Decorations]()

// eachDecorations visits every place at which a comment can hang on n. Each
// type of node has a struct of them of its own, Decs.
func eachDecorations(n dst.Node, visit func(*dst.Decorations)) {
	v := reflect.ValueOf(n).Elem().FieldByName("Decs")
	if !v.IsValid() {
		return
	}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			fd := v.Field(i)
			switch {
			case fd.Type() == decorationsType:
				visit(fd.Addr().Interface().(*dst.Decorations))
			case fd.Kind() == reflect.Struct:
				walk(fd)
			}
		}
	}
	walk(v)
}
