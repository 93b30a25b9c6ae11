package analysis

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A Unit is a top-level declaration with at least one site.
type Unit struct {
	Pkg   *syntax.Package
	File  *syntax.File
	Decl  ast.Decl
	Funcs []*Func // innermost first
	Vars  *Vars

	NoSplit    bool // it is marked //go:nosplit: a linker refuses it where its frames are large
	NoCheckPtr bool // it is marked //go:nocheckptr, which holds for no literal in it

	keepGuards bool
}

// A Func is a function declaration or literal with at least one site.
type Func struct {
	Unit    *Unit
	Node    ast.Node // *ast.FuncDecl or *ast.FuncLit
	Type    *ast.FuncType
	Body    *ast.BlockStmt
	Sig     *types.Signature
	Name    string // as gc names it: F, (*T).M, F.func1
	Sites   []*Site
	Exits   []*Exit
	Ends    []*End
	Cycles  int  // number of cycles that hold a site
	HasGoto bool // there is a goto statement in the body

	graph *cfg.CFG
	in    []*Active // at the start of each block; nil where no path leads
}

// A Site is one defer statement.
type Site struct {
	Stmt     *ast.DeferStmt
	Index    int // in source order
	Callee   *Callee
	Recovers Recovers
	Cycle    int     // index of its cycle, or -1
	Order    int     // a site that runs later has a larger one, except within a cycle
	Dead     bool    // no path reaches it
	TopLevel bool    // a statement of the body's own list
	Loops    []*Loop // around it, outermost first
	Bound    int64   // how many of its calls can be pending at most, or -1
	Promise  bool    // Bound rests on a //dedefer:max comment
	Marked   bool    // it is a guard that an earlier rewriting left
	Before   Active
}

// An Exit is a place where the body ends normally.
type Exit struct {
	Return      *ast.ReturnStmt // nil for the closing brace
	Pos         token.Pos
	Active      Active
	InRangeFunc bool // inside the body of a range-over-func loop
}

// An End is a place where a statement of the body ends the program, as os.Exit
// does: what is pending there never runs.
type End struct {
	Call   *ast.CallExpr
	Active Active
}

// Active is the active set at a point: the sites (bits 0 and up, by index)
// that are pending on some path to it, and on every path.
type Active struct{ May, Must Bits }

// Without returns a without the sites in b.
func (a Active) Without(b Bits) Active {
	less := Active{a.May.Clone(), a.Must.Clone()}
	for i := range less.May { // nil where no path leads
		less.May[i] &^= b[i]
		less.Must[i] &^= b[i]
	}
	return less
}

// File finds the units of a file. With keepGuards, functions in which an
// earlier rewriting left guards are not looked at.
func File(pkg *syntax.Package, file *syntax.File, known facts.Store, keepGuards bool) []*Unit {
	var units []*Unit
	for _, decl := range file.Syntax.Decls {
		if !Has[*ast.DeferStmt](decl) {
			continue
		}
		u := &Unit{Pkg: pkg, File: file, Decl: decl, Vars: NewVars(pkg.Info, decl, !file.GoAtLeast("go1.22")), keepGuards: keepGuards}
		u.find()
		if len(u.Funcs) == 0 {
			continue
		}
		u.NoSplit, u.NoCheckPtr = u.marked("//go:nosplit"), u.marked("//go:nocheckptr")
		for _, f := range u.Funcs {
			for _, s := range f.Sites {
				s.Recovers = u.recovers(s.Callee, known)
			}
		}
		units = append(units, u)
	}
	return units
}

// marked reports whether gc reads a directive for the declaration: one that stands
// between it and the declaration before.
func (u *Unit) marked(directive string) bool {
	decls := u.File.Syntax.Decls
	from := u.File.Syntax.Name.End()
	if i := slices.Index(decls, u.Decl); i > 0 {
		from = decls[i-1].End()
	}
	return slices.ContainsFunc(u.File.Syntax.Comments, func(g *ast.CommentGroup) bool {
		return from < g.Pos() && g.Pos() < u.Decl.Pos() && slices.ContainsFunc(g.List, func(c *ast.Comment) bool {
			return c.Text == directive
		})
	})
}

// Has reports whether there is a node of type T in n.
func Has[T ast.Node](n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		_, ok := n.(T)
		found = found || ok
		return !found
	})
	return found
}

// Behind returns the defer statement of s and what follows it in its statement list. It is
// empty where that has a label.
func (f *Func) Behind(s *Site) []ast.Stmt {
	list, i := f.List(s)
	return list[i:]
}

// List returns the statement list of which the defer statement of s is element i; none where
// that has a label.
func (f *Func) List(s *Site) (list []ast.Stmt, i int) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		var all []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			all = n.List
		case *ast.CaseClause:
			all = n.Body
		case *ast.CommClause:
			all = n.Body
		}
		if at := slices.Index(all, ast.Stmt(s.Stmt)); at >= 0 {
			list, i = all, at
		}
		return list == nil
	})
	return list, i
}

// Returns reports whether list is left by a return, a panic or a Goexit only.
func Returns(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	if _, ok := list[len(list)-1].(*ast.ReturnStmt); !ok {
		return false
	}
	return !slices.ContainsFunc(list, func(s ast.Stmt) bool { return Has[*ast.BranchStmt](s) })
}

// find finds the functions of the unit that have sites.
func (u *Unit) find() {
	if d, ok := u.Decl.(*ast.FuncDecl); ok {
		if d.Body != nil {
			sig := u.Pkg.Info.Defs[d.Name].Type().(*types.Signature)
			u.function(d, d.Type, d.Body, sig, declName(d))
		}
		return
	}
	u.literals(u.Decl, "glob.")
}

// literals visits the outermost function literals below n.
func (u *Unit) literals(n ast.Node, name string) {
	count := 0
	ast.Inspect(n, func(m ast.Node) bool {
		lit, ok := m.(*ast.FuncLit)
		if !ok {
			return true
		}
		count++
		sig, _ := u.Pkg.Info.TypeOf(lit).(*types.Signature)
		u.function(lit, lit.Type, lit.Body, sig, fmt.Sprintf("%s.func%d", name, count))
		return false
	})
}

func declName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	typ := ast.Unparen(d.Recv.List[0].Type)
	star := ""
	if s, ok := typ.(*ast.StarExpr); ok {
		star, typ = "*", ast.Unparen(s.X)
	}
	switch t := typ.(type) {
	case *ast.IndexExpr:
		typ = t.X
	case *ast.IndexListExpr:
		typ = t.X
	}
	id, ok := typ.(*ast.Ident)
	switch {
	case !ok:
		return d.Name.Name
	case star != "":
		return "(*" + id.Name + ")." + d.Name.Name
	}
	return id.Name + "." + d.Name.Name
}

// function visits the literals inside a function, then the function itself.
func (u *Unit) function(node ast.Node, typ *ast.FuncType, body *ast.BlockStmt, sig *types.Signature, name string) {
	u.literals(body, name)
	f := &Func{Unit: u, Node: node, Type: typ, Body: body, Sig: sig, Name: name}
	rangeFunc := map[*ast.ReturnStmt]bool{}
	f.walk(body, false, rangeFunc)
	if len(f.Sites) == 0 {
		return
	}
	if u.keepGuards && u.wasLowered(f.Sites) {
		return
	}
	for i, s := range f.Sites {
		s.Index = i
		_, s.TopLevel = slices.BinarySearchFunc(body.List, s.Stmt.Pos(), func(st ast.Stmt, pos token.Pos) int { return cmp.Compare(st.Pos(), pos) })
		s.Callee = callee(u.Pkg.Info, s.Stmt.Call)
		s.Marked = u.isGuard(s.Stmt)
	}
	f.bound()
	f.flow(rangeFunc)
	u.Funcs = append(u.Funcs, f)
}

// walk collects the sites, exits and gotos of f itself: not those of literals inside
// it.
func (f *Func) walk(n ast.Node, inRangeFunc bool, rangeFunc map[*ast.ReturnStmt]bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			f.Sites = append(f.Sites, &Site{Stmt: m, Cycle: -1})
		case *ast.ReturnStmt:
			rangeFunc[m] = inRangeFunc
		case *ast.BranchStmt:
			f.HasGoto = f.HasGoto || m.Tok == token.GOTO
		case *ast.RangeStmt:
			if !inRangeFunc && IsRangeFunc(f.Unit.Pkg.Info, m) {
				f.walk(m.X, false, rangeFunc)
				f.walk(m.Body, true, rangeFunc)
				return false
			}
		}
		return true
	})
}

// IsRangeFunc reports whether s ranges over a function.
func IsRangeFunc(info *types.Info, s *ast.RangeStmt) bool {
	return signature(info.TypeOf(s.X)) != nil
}

// HasResults reports whether f returns anything.
func (f *Func) HasResults() bool { return f.Sig.Results().Len() > 0 }

// Start returns where a declaration begins, with the comment above it.
func Start(d ast.Decl) token.Pos {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	}
	return d.Pos()
}
