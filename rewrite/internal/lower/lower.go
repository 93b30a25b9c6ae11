package lower

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/dave/dst/dstutil"

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

// An Origin is what a node of the output was made for. The call of a site at an
// exit has both, what saves its operands and sets its bit has the site alone, the
// setting of results the exit alone; what runs a site's call for a panic has the
// guard and the site. A declaration has the function alone.
type Origin struct {
	Func  *plan.Func
	Site  *plan.Site
	Exit  *plan.Exit
	Guard *plan.Guard
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

// End returns the position of the last character of a node of the input; none for
// another one.
func (d *Decl) End(n dst.Node) token.Pos {
	if a := d.ast[n]; a != nil {
		return a.End() - 1
	}
	return token.NoPos
}

// IsInput reports whether a node of the output is one of the input.
func (d *Decl) IsInput(n dst.Node) bool { return d.ast[n] != nil }

// Unit lowers the functions of a declaration.
func Unit(u *plan.Unit) (*Decl, error) {
	dec := decorator.NewDecorator(nil)
	file, err := decorate(u, dec)
	if err != nil {
		return nil, err
	}
	d := &Decl{File: file, origin: map[dst.Node]token.Pos{}, from: map[dst.Node]Origin{}, ast: dec.Ast.Nodes}
	fns := make([]*function, len(u.Funcs))
	for i, f := range u.Funcs {
		fns[i] = &function{Func: f, decl: d, nodes: dec.Dst.Nodes}
	}
	comments := d.number()
	// Before anything is copied.
	for _, fn := range fns {
		fn.rename()
		fn.addParams()
		fn.nothingToRecover()
	}
	for _, fn := range fns {
		if !fn.Same {
			fn.lower()
		}
	}
	d.keepAll(comments)
	return d, nil
}

// decorate makes a dst file of nothing but u's declaration. The positions are
// those of the input, but a FileSet of their own keeps //line directives from
// mattering and dst from looking at the rest of the file.
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
		file.Comments = append(file.Comments, c)
	}
	dec.Fset = fset
	return dec.DecorateFile(file)
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

// A function is a function that is being lowered.
type function struct {
	*plan.Func
	decl  *Decl
	nodes map[ast.Node]dst.Node // of the input

	sites   map[dst.Stmt]*plan.Site
	returns map[dst.Stmt]*plan.Exit
	gone    map[dst.Stmt]bool // stand for nothing, and hold its comments
	bare    map[dst.Stmt]bool // labels on nothing

	about      map[*plan.Site]directives // of calls that are not of literals
	moved      map[*plan.Site]directives // comments of defer statements that nothing is left of
	written    map[*plan.Site][]placed   // where their calls are
	redeclared map[dst.Stmt][]plan.Redeclared
	rooms      map[dst.Stmt][]*plan.Records // by loop
}

func (f *function) expr(x ast.Expr) dst.Expr { return f.nodes[x].(dst.Expr) }

// body returns the body, and the type, to change.
func (f *function) body() (*dst.BlockStmt, *dst.FuncType) {
	body := f.nodes[f.Body].(*dst.BlockStmt)
	return body, f.nodes[f.Type].(*dst.FuncType)
}

// rename carries out f.Renames.
func (f *function) rename() {
	if len(f.Renames) == 0 {
		return
	}
	info := f.Unit.Pkg.Info
	// The variable of a type switch is an object of its own in each clause.
	symbolic := map[*ast.Ident]string{}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if sw, ok := n.(*ast.TypeSwitchStmt); ok {
			if as, ok := sw.Assign.(*ast.AssignStmt); ok {
				for _, c := range sw.Body.List {
					if obj := info.Implicits[c]; obj != nil && f.Renames[obj] != "" {
						symbolic[as.Lhs[0].(*ast.Ident)] = f.Renames[obj]
					}
				}
				if name := symbolic[as.Lhs[0].(*ast.Ident)]; name != "" {
					for _, c := range sw.Body.List {
						if obj := info.Implicits[c]; obj != nil {
							f.Renames[obj] = name
						}
					}
				}
			}
		}
		return true
	})
	ast.Inspect(f.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		name := symbolic[id]
		if obj := info.ObjectOf(id); obj != nil && name == "" {
			name = f.Renames[obj]
		}
		if name != "" {
			f.nodes[id].(*dst.Ident).Name = name
		}
		return true
	})
}

// nothingToRecover writes nil in the place of the calls of recover in deferred
// literals, for -unwind=none.
func (f *function) nothingToRecover() {
	if f.Words.Any == "" {
		return
	}
	calls, deferred := map[dst.Expr]bool{}, map[*dst.CallExpr]bool{}
	dst.Inspect(f.nodes[f.Body], func(n dst.Node) bool {
		if d, ok := n.(*dst.DeferStmt); ok {
			deferred[d.Call] = true
		}
		return true
	})
	for _, s := range f.Sites {
		for _, call := range s.Callee.Recover {
			d := f.nodes[call].(*dst.CallExpr)
			if deferred[d] {
				continue // a site of the literal itself
			}
			d.Fun, d.Args = move(d.Fun, typeExpr(f.Words.Any)), []dst.Expr{dst.NewIdent("nil")}
			calls[d] = true
		}
	}
	if len(calls) == 0 {
		return
	}
	dstutil.Apply(f.nodes[f.Body], func(c *dstutil.Cursor) bool {
		if st, ok := c.Node().(*dst.ExprStmt); ok && calls[unparen(st.X)] {
			blank := &dst.AssignStmt{Lhs: []dst.Expr{dst.NewIdent("_")}, Tok: token.ASSIGN, Rhs: []dst.Expr{st.X}}
			blank.Decs.NodeDecs = st.Decs.NodeDecs
			c.Replace(blank)
		}
		return true
	}, nil)
}

// addParams gives lifted literals what they captured.
func (f *function) addParams() {
	for _, s := range f.Sites {
		if s.Call == nil || s.Call.Lift == nil || len(s.Call.Lift.Vars) == 0 {
			continue
		}
		var params []*dst.Field
		for _, v := range s.Call.Lift.Vars {
			name := f.expr(v.Value.Expr).(*dst.Ident).Name
			params = append(params, &dst.Field{Names: []*dst.Ident{dst.NewIdent(name)}, Type: typeExpr(v.TypeText)})
		}
		typ := f.nodes[s.Callee.Lit].(*dst.FuncLit).Type
		for _, fd := range typ.Params.List {
			if len(fd.Names) == 0 {
				fd.Names = []*dst.Ident{dst.NewIdent("_")}
			}
		}
		typ.Params.List = append(params, typ.Params.List...)
	}
}

// lower rewrites the body.
func (f *function) lower() {
	f.sites, f.about = map[dst.Stmt]*plan.Site{}, map[*plan.Site]directives{}
	f.moved, f.written = map[*plan.Site]directives{}, map[*plan.Site][]placed{}
	for _, s := range f.Sites {
		d := f.nodes[s.Stmt].(dst.Stmt)
		f.sites[d] = s
		if s.Callee.Lit == nil {
			f.about[s] = directivesOf(d)
		}
	}
	f.returns = map[dst.Stmt]*plan.Exit{}
	f.gone, f.bare = map[dst.Stmt]bool{}, map[dst.Stmt]bool{}
	var end *plan.Exit
	for _, e := range f.Exits {
		if e.Return == nil {
			end = e
		} else {
			f.returns[f.nodes[e.Return].(dst.Stmt)] = e
		}
	}
	f.redeclared = map[dst.Stmt][]plan.Redeclared{}
	if f.Tail != nil {
		for s, list := range f.Tail.Redeclared {
			f.redeclared[f.nodes[s].(dst.Stmt)] = list
		}
	}
	f.rooms = map[dst.Stmt][]*plan.Records{}
	for _, l := range f.Chain {
		if l.Records == nil {
			continue
		}
		for _, r := range l.Records.Stores() {
			if r.Grow != nil {
				loop := f.nodes[r.Grow.Loop].(dst.Stmt)
				f.rooms[loop] = append(f.rooms[loop], r)
			}
		}
	}
	body, typ := f.body()
	f.nameResults(typ)

	start := body.List[f.At]
	var before, behind []dst.Stmt
	for i, s := range body.List {
		switch {
		case i < f.At:
			before = append(before, f.stmt(s)...)
		case s == start && f.FirstSite() != nil:
			before = append(before, f.firstSite(s.(*dst.DeferStmt))...)
		case s == start:
			before = append(before, f.prologue()...)
			behind = append(behind, f.room(s)...)
			behind = append(behind, f.stmt(s)...)
		default:
			behind = append(behind, f.guarded(s)...)
		}
	}
	body.List = append(before, f.end(end, behind)...)
	f.settle(body, &body.List)
	body.List = f.merge(body.List)
	f.giveMoved()
}

// nameResults changes the signature where results have got names.
func (f *function) nameResults(typ *dst.FuncType) {
	i := 0
	if typ.Results == nil {
		return
	}
	for _, field := range typ.Results.List {
		if len(field.Names) == 0 {
			if f.Results[i].Renamed {
				field.Names = []*dst.Ident{dst.NewIdent(f.Results[i].Name)}
				typ.Results.Opening, typ.Results.Closing = true, true
			}
			i++
			continue
		}
		for _, id := range field.Names {
			if f.Results[i].Renamed {
				id.Name = f.Results[i].Name
			}
			i++
		}
	}
}

// runtime writes a name of the bundled runtime, which is used then.
func (f *function) runtime(name string) string {
	f.decl.Uses = f.decl.Uses.Or(runtime.UseOf(name))
	return f.Unit.Runtime.Of(name)
}

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

// created notes that statements come from pos in the input.
func (f *function) created(list []dst.Stmt, pos token.Pos) []dst.Stmt {
	for _, s := range list {
		dst.Inspect(s, func(n dst.Node) bool {
			if st, ok := n.(dst.Stmt); ok && f.decl.ast[st] == nil {
				if _, known := f.decl.origin[st]; !known {
					f.decl.origin[st] = pos
				}
			}
			return !f.isLiteral(n)
		})
	}
	return list
}

// parse returns the statements of t, and notes what they were made for: o, where t
// says nothing else.
func (f *function) parse(t *template, o Origin) []dst.Stmt {
	list := t.parse()
	for n, own := range t.from {
		own.Func = f.Func
		f.decl.from[n] = own
	}
	return f.mark(list, o)
}

// mark notes what statements were made for, of which that is not known yet.
func (f *function) mark(list []dst.Stmt, o Origin) []dst.Stmt {
	o.Func = f.Func
	for _, s := range list {
		dst.Inspect(s, func(n dst.Node) bool {
			if st, ok := n.(dst.Stmt); ok && f.decl.ast[st] == nil {
				if _, known := f.decl.from[st]; !known {
					f.decl.from[st] = o
				}
			}
			return !f.isLiteral(n)
		})
	}
	return list
}

// isLiteral reports whether n is a function literal of the input. What was
// created inside it is known from its own lowering.
func (f *function) isLiteral(n dst.Node) bool {
	lit, ok := n.(*dst.FuncLit)
	return ok && f.decl.ast[lit] != nil
}
