package lower

import (
	"go/ast"
	"go/token"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
	"github.com/dedefer/dedefer/runtime"
)

// A tree is the syntax of one function, which its lowering changes.
type tree struct {
	*plan.Func
	decl  *Decl
	nodes map[ast.Node]dst.Node // of the input
}

func (tr *tree) expr(x ast.Expr) dst.Expr   { return tr.nodes[x].(dst.Expr) }
func (tr *tree) stmtOf(s ast.Stmt) dst.Stmt { return tr.nodes[s].(dst.Stmt) }

// line returns the line of the input that pos is on.
func (tr *tree) line(pos token.Pos) int { return tr.Unit.Pkg.Fset.PositionFor(pos, false).Line }

// created notes that the new statements of list come from pos in the input.
func (tr *tree) created(list []dst.Stmt, pos token.Pos) []dst.Stmt {
	for _, s := range list {
		dst.Inspect(s, func(n dst.Node) bool {
			if st, ok := n.(dst.Stmt); ok && tr.decl.ast[st] == nil {
				if _, known := tr.decl.origin[st]; !known {
					tr.decl.origin[st] = pos
				}
			}
			return !tr.isLiteral(n)
		})
	}
	return list
}

// parse returns the statements of t, and notes what they were made for: for o, where
// t says nothing else.
func (tr *tree) parse(t *template, o Origin) []dst.Stmt {
	list := t.parse()
	for n, own := range t.from {
		own.Func = tr.Func
		tr.decl.from[n] = own
	}
	return tr.mark(list, o)
}

// mark notes what the statements of list were made for, where that is not known yet.
func (tr *tree) mark(list []dst.Stmt, o Origin) []dst.Stmt {
	o.Func = tr.Func
	for _, s := range list {
		dst.Inspect(s, func(n dst.Node) bool {
			if st, ok := n.(dst.Stmt); ok && tr.decl.ast[st] == nil {
				if _, known := tr.decl.from[st]; !known {
					tr.decl.from[st] = o
				}
			}
			return !tr.isLiteral(n)
		})
	}
	return list
}

// isLiteral reports whether n is a function literal of the input. What is new in it
// is known from its own lowering.
func (tr *tree) isLiteral(n dst.Node) bool {
	lit, ok := n.(*dst.FuncLit)
	return ok && tr.decl.ast[lit] != nil
}

// runtime returns how a name of the bundled runtime is written, and notes that it is
// used.
func (tr *tree) runtime(name string) string {
	tr.decl.Uses = tr.decl.Uses.Or(runtime.UseOf(name))
	return tr.Unit.Runtime.Of(name)
}

func (tr *tree) start() dst.Stmt { return tr.stmtOf(tr.Body.List[tr.At]) }
