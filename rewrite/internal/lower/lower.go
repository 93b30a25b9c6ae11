package lower

import (
	"go/token"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// Unit lowers the functions of a declaration.
func Unit(u *plan.Unit) (*Decl, error) {
	dec := decorator.NewDecorator(nil)
	file, err := decorate(u, dec)
	if err != nil {
		return nil, err
	}
	d := &Decl{File: file, origin: map[dst.Node]token.Pos{}, from: map[dst.Node]Origin{}, ast: dec.Ast.Nodes}
	trees := make([]*tree, len(u.Funcs))
	for i, f := range u.Funcs {
		trees[i] = &tree{f, d, dec.Dst.Nodes}
	}
	comments := d.number()
	for _, tr := range trees { // before anything is copied
		tr.rename()
		tr.addParams()
		tr.nothingToRecover()
	}
	for _, tr := range trees {
		if !tr.Same {
			newFunction(tr).lower()
		}
	}
	d.keepOutput(u, dec, comments)
	d.keepAll(comments)
	return d, nil
}
