package plan

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// lostCancel reports whether n, what is called for s, mentions a context's cancel function that
// only some exits call. go vet (lostcancel) wants it mentioned on each path from where it is declared
// to a return, as the defer statement does:
//
//	ctx, cancel := context.WithCancel(ctx)
//	if once {
//		defer cancel()
//	}
//
// So it has to be mentioned at the site.
func lostCancel(d *draft, s *Site, n ast.Node) (found bool) {
	maybe := func(e *Exit) bool { return e.Active.May.Has(s.Index) && !e.Active.Must.Has(s.Index) }
	if d.opts.Native || !slices.ContainsFunc(d.Exits, maybe) {
		return false // the guard mentions it, or each exit
	}
	cancels := cancelFuncs(d)
	if len(cancels) == 0 {
		return false
	}
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && slices.Contains(cancels, d.info.Uses[id])
		return !found
	})
	return found
}

// cancelFuncs returns the variables to which the function assigns the cancel function of
// context.WithCancel and its like.
func cancelFuncs(d *draft) (list []types.Object) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
			return true
		}
		call, isCall := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
		id, isIdent := as.Lhs[1].(*ast.Ident)
		if isCall && isIdent {
			if fn := typeutil.StaticCallee(d.info, call); fn != nil && strings.HasPrefix(fn.FullName(), "context.With") {
				list = append(list, d.info.ObjectOf(id))
			}
		}
		return true
	})
	return list
}
