package lower

import (
	"go/token"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
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
	for _, tr := range trees {
		tr.markSilent()
	}
	d.keepOutput(u, dec, comments)
	d.keepAll(comments)
	return d, nil
}

// markSilent marks a literal that stays, as its own guard, and has changed inside: a later
// rewriting would not see any more that it does nothing where recover returns nil.
func (tr *tree) markSilent() {
	for _, s := range tr.Sites {
		if s.Silent && s.Stays != nil && tr.Unit.LowersIn(s.Callee.Lit) {
			decs := tr.nodes[s.Stmt].Decorations()
			decs.Start.Append(analysis.GuardMark)
			decs.Before = max(decs.Before, dst.NewLine)
		}
	}
}
