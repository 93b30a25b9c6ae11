package lower

import (
	"go/ast"
	"go/token"
	"maps"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
)

// rename gives variables the new names of the plan.
func (tr *tree) rename() {
	if len(tr.Renames) == 0 {
		return
	}
	info, renames := tr.Unit.Pkg.Info, maps.Clone(tr.Renames)
	// The variable of a type switch is an object of its own in each clause.
	symbolic := map[*ast.Ident]string{}
	ast.Inspect(tr.Body, func(n ast.Node) bool {
		if sw, ok := n.(*ast.TypeSwitchStmt); ok {
			if as, ok := sw.Assign.(*ast.AssignStmt); ok {
				for _, c := range sw.Body.List {
					if obj := info.Implicits[c]; obj != nil && renames[obj] != "" {
						symbolic[as.Lhs[0].(*ast.Ident)] = renames[obj]
					}
				}
				if name := symbolic[as.Lhs[0].(*ast.Ident)]; name != "" {
					for _, c := range sw.Body.List {
						if obj := info.Implicits[c]; obj != nil {
							renames[obj] = name
						}
					}
				}
			}
		}
		return true
	})
	ast.Inspect(tr.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		name := symbolic[id]
		if obj := info.ObjectOf(id); obj != nil && name == "" {
			name = renames[obj]
		}
		if name != "" {
			tr.nodes[id].(*dst.Ident).Name = name
		}
		return true
	})
}

// nothingToRecover replaces the calls of recover in deferred literals by nil, for
// -unwind=none.
func (tr *tree) nothingToRecover() {
	if tr.Words.Any == "" {
		return
	}
	calls, deferred := map[dst.Expr]bool{}, map[*dst.CallExpr]bool{}
	dst.Inspect(tr.nodes[tr.Body], func(n dst.Node) bool {
		if d, ok := n.(*dst.DeferStmt); ok {
			deferred[d.Call] = true
		}
		return true
	})
	for _, s := range tr.Sites {
		for _, call := range s.Callee.Recover {
			d := tr.nodes[call].(*dst.CallExpr)
			if deferred[d] {
				continue // a site of the literal itself
			}
			d.Fun, d.Args = move(d.Fun, typeExpr(tr.Words.Any)), []dst.Expr{dst.NewIdent("nil")}
			calls[d] = true
		}
	}
	if len(calls) == 0 {
		return
	}
	dstutil.Apply(tr.nodes[tr.Body], func(c *dstutil.Cursor) bool {
		if st, ok := c.Node().(*dst.ExprStmt); ok && calls[unparen(st.X)] {
			blank := &dst.AssignStmt{Lhs: []dst.Expr{dst.NewIdent("_")}, Tok: token.ASSIGN, Rhs: []dst.Expr{st.X}}
			blank.Decs.NodeDecs = st.Decs.NodeDecs
			c.Replace(blank)
		}
		return true
	}, nil)
}

// addParams gives literals that move out of a loop their parameters: what they
// captured.
func (tr *tree) addParams() {
	for _, s := range tr.Sites {
		if s.Call == nil || s.Call.Lift == nil || len(s.Call.Lift.Vars) == 0 {
			continue
		}
		var params []*dst.Field
		for _, v := range s.Call.Lift.Vars {
			name := tr.expr(v.Value.Expr).(*dst.Ident).Name
			params = append(params, &dst.Field{Names: []*dst.Ident{dst.NewIdent(name)}, Type: typeExpr(v.TypeText)})
		}
		typ := tr.nodes[s.Callee.Lit].(*dst.FuncLit).Type
		for _, fd := range typ.Params.List {
			if len(fd.Names) == 0 {
				fd.Names = []*dst.Ident{dst.NewIdent("_")}
			}
		}
		typ.Params.List = append(params, typ.Params.List...)
	}
}

// nameResults puts the names that results have got into the signature.
func (tr *tree) nameResults(typ *dst.FuncType) {
	i := 0
	if typ.Results == nil {
		return
	}
	for _, field := range typ.Results.List {
		if len(field.Names) == 0 {
			if tr.Results[i].Renamed {
				field.Names = []*dst.Ident{dst.NewIdent(tr.Results[i].Name)}
				typ.Results.Opening, typ.Results.Closing = true, true
			}
			i++
			continue
		}
		for _, id := range field.Names {
			if tr.Results[i].Renamed {
				id.Name = tr.Results[i].Name
			}
			i++
		}
	}
}
