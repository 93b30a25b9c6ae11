package analysis

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// A Loop is a loop statement around a site, in the site's own function.
type Loop struct {
	Stmt    ast.Stmt   // *ast.ForStmt or *ast.RangeStmt
	Trips   int64      // the most iterations it makes each time it is entered; -1 where that is not known
	Const   *ast.Ident // a constant that says Trips: the n of "i < n"; or nil
	Promise bool       // Trips is what a //dedefer:max comment says
}

// MaxMark is the comment by which an author promises a bound: above a loop,
// that it makes at most so many iterations, above a defer statement, that so many
// of its calls are pending at most.
const MaxMark = "//dedefer:max"

// bound finds the loops around each site, outermost first, and how many of
// its calls can be pending.
func (f *Func) bound() {
	var loops []*Loop
	var nodes []ast.Node
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if n == nil {
			last := nodes[len(nodes)-1]
			nodes = nodes[:len(nodes)-1]
			if len(loops) > 0 && loops[len(loops)-1].Stmt == last {
				loops = loops[:len(loops)-1]
			}
			return true
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ForStmt:
			loops = append(loops, f.loop(n, f.forTrips(n), f.forConst(n)))
		case *ast.RangeStmt:
			loops = append(loops, f.loop(n, f.rangeTrips(n), f.integer(n.X)))
		case *ast.DeferStmt:
			i, _ := slices.BinarySearchFunc(f.Sites, n, func(s *Site, d *ast.DeferStmt) int { return cmp.Compare(s.Stmt.Pos(), d.Pos()) })
			f.Sites[i].Loops = slices.Clone(loops)
			f.Sites[i].Bound = f.pendingAtMost(f.Sites[i])
		}
		nodes = append(nodes, n)
		return true
	})
}

func (f *Func) loop(stmt ast.Stmt, trips int64, c *ast.Ident) *Loop {
	if n, ok := f.Unit.promise(stmt); ok {
		return &Loop{Stmt: stmt, Trips: n, Promise: true}
	}
	return &Loop{Stmt: stmt, Trips: trips, Const: c}
}

// manyTrips is more than a frame should hold: larger bounds are as good as
// none.
const manyTrips = 1 << 16

// pendingAtMost returns how many entries of s are pending at most: the iterations of
// its loops, multiplied.
func (f *Func) pendingAtMost(s *Site) int64 {
	if n, ok := f.Unit.promise(s.Stmt); ok {
		s.Promise = true
		return n
	}
	if f.HasGoto {
		return -1
	}
	n := int64(1)
	for _, l := range s.Loops {
		if l.Trips < 0 || l.Trips > manyTrips {
			return -1
		}
		s.Promise = s.Promise || l.Promise
		if n *= l.Trips; n > manyTrips {
			return -1
		}
	}
	return n
}

// promise reads the //dedefer:max comment on the lines above stmt.
func (u *Unit) promise(stmt ast.Stmt) (int64, bool) {
	for _, c := range u.commentsAbove(stmt.Pos()) {
		if n, err := parsePromise(c.Text); err == nil {
			return n, true
		}
	}
	return 0, false
}

// commentsAbove returns the group of comments that ends on the line above pos.
func (u *Unit) commentsAbove(pos token.Pos) []*ast.Comment {
	fset := u.Pkg.Fset
	above := fset.PositionFor(pos, false).Line - 1
	comments := u.File.Syntax.Comments
	i, found := slices.BinarySearchFunc(comments, above, func(g *ast.CommentGroup, line int) int {
		// A //line directive may stand between a mark and its statement.
		last := g.List[len(g.List)-1]
		return cmp.Compare(fset.PositionFor(last.Pos(), false).Line, line)
	})
	if !found {
		return nil
	}
	return comments[i].List
}

// A BadPromise is a //dedefer:max comment that does not say a number.
type BadPromise struct {
	Pos token.Pos
	Err error
}

// BadPromises finds the comments of file that start like a promise and are none.
func BadPromises(file *ast.File) (bad []BadPromise) {
	for _, g := range file.Comments {
		for _, c := range g.List {
			if !strings.HasPrefix(c.Text, MaxMark) {
				continue
			}
			if _, err := parsePromise(c.Text); err != nil {
				bad = append(bad, BadPromise{c.Pos(), err})
			}
		}
	}
	return bad
}

func parsePromise(comment string) (int64, error) {
	rest, ok := strings.CutPrefix(comment, MaxMark)
	if !ok {
		return 0, fmt.Errorf("no %s", MaxMark)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
	if err != nil || n < 1 || n > manyTrips {
		return 0, fmt.Errorf("%s wants a number from 1 to %d", MaxMark, manyTrips)
	}
	return n, nil
}

// rangeTrips returns how many iterations s makes at most, or -1.
func (f *Func) rangeTrips(s *ast.RangeStmt) int64 {
	tv := f.Unit.Pkg.Info.Types[s.X]
	if tv.Value != nil {
		switch tv.Value.Kind() {
		case constant.Int:
			if n, exact := constant.Int64Val(tv.Value); exact {
				return max(n, 0)
			}
		case constant.String:
			return int64(len(constant.StringVal(tv.Value)))
		}
		return -1
	}
	t := Under(tv.Type)
	if p, ok := t.(*types.Pointer); ok {
		t = Under(p.Elem())
	}
	if a, ok := t.(*types.Array); ok {
		return a.Len()
	}
	return f.Unit.literalLen(s.X)
}

// literalLen returns the length of x, if that is a slice that is written out, or a
// variable that holds nothing else; else -1.
func (u *Unit) literalLen(x ast.Expr) int64 {
	x = ast.Unparen(x)
	if id, ok := x.(*ast.Ident); ok {
		v, ok := u.Pkg.Info.Uses[id].(*types.Var)
		if !ok || !u.Vars.Fixed(v) {
			return -1
		}
		value, _ := u.definition(v)
		x = ast.Unparen(value)
	}
	lit, ok := x.(*ast.CompositeLit)
	if !ok {
		return -1
	}
	if _, isSlice := Under(u.Pkg.Info.TypeOf(lit)).(*types.Slice); !isSlice || slices.ContainsFunc(lit.Elts, isKeyed) {
		return -1
	}
	return int64(len(lit.Elts))
}

func isKeyed(x ast.Expr) bool {
	_, ok := x.(*ast.KeyValueExpr)
	return ok
}

// forTrips returns how many iterations s makes at most, or -1 where it does not count
// a variable, which nothing else changes, from one constant to another.
func (f *Func) forTrips(s *ast.ForStmt) int64 {
	c, ok := CounterOf(f.Unit.Pkg.Info, s)
	if !ok || c.First == nil || c.Limit == nil {
		return -1
	}
	// In units of the step, towards the limit.
	lo, loExact := constant.Int64Val(c.First)
	hi, hiExact := constant.Int64Val(c.Limit)
	if !loExact || !hiExact || lo < -1<<31 || lo > 1<<31 || hi < -1<<31 || hi > 1<<31 {
		return -1
	}
	step, op := c.Step, c.Op
	if step < 0 {
		lo, hi, step = -lo, -hi, -step
		op = map[token.Token]token.Token{token.GTR: token.LSS, token.GEQ: token.LEQ}[op]
	}
	switch op {
	case token.LSS:
	case token.LEQ:
		hi++
	default:
		return -1
	}
	if hi <= lo {
		return 0
	}
	trips := (hi - lo + step - 1) / step
	first, _ := constant.Int64Val(c.First)
	if !fits(c.Var.Type(), first+trips*c.Step) {
		return -1 // it may wrap around
	}
	return trips
}

// forConst returns the constant n of "for i := 0; i < n; i++", else nil.
func (f *Func) forConst(s *ast.ForStmt) *ast.Ident {
	c, ok := CounterOf(f.Unit.Pkg.Info, s)
	if !ok || c.First == nil || constant.Sign(c.First) != 0 || c.Step != 1 || c.Op != token.LSS {
		return nil
	}
	return f.integer(c.Bound)
}

// integer returns x where it is the name of a constant integer, else nil.
func (f *Func) integer(x ast.Expr) *ast.Ident {
	id, ok := x.(*ast.Ident)
	if !ok {
		return nil
	}
	if c, isConst := f.Unit.Pkg.Info.Uses[id].(*types.Const); !isConst || c.Val().Kind() != constant.Int {
		return nil
	}
	return id
}

// A Counter is the variable of a three-clause loop that only its post
// statement changes.
type Counter struct {
	Var          *types.Var
	First, Limit constant.Value // nil where not constant
	Bound        ast.Expr       // the limit
	Len          ast.Expr       // what the limit is the length of, or nil
	Op           token.Token    // how the variable compares with the limit
	Step         int64
}

// CounterOf returns the counter of s, if it has one.
func CounterOf(info *types.Info, s *ast.ForStmt) (c Counter, ok bool) {
	init, okInit := s.Init.(*ast.AssignStmt)
	cond, okCond := s.Cond.(*ast.BinaryExpr)
	if !okInit || !okCond || init.Tok != token.DEFINE || len(init.Lhs) != 1 || len(init.Rhs) != 1 {
		return c, false
	}
	c.Var, _ = info.Defs[init.Lhs[0].(*ast.Ident)].(*types.Var)
	if id, isID := ast.Unparen(cond.X).(*ast.Ident); !isID || c.Var == nil || info.Uses[id] != c.Var {
		return c, false
	}
	if b, isBasic := types.Unalias(c.Var.Type()).(*types.Basic); !isBasic || b.Info()&types.IsInteger == 0 {
		return c, false
	}
	c.First, c.Limit, c.Bound, c.Op = info.Types[init.Rhs[0]].Value, info.Types[cond.Y].Value, cond.Y, cond.Op
	if call, isCall := ast.Unparen(cond.Y).(*ast.CallExpr); isCall && BuiltinName(info, call) == "len" {
		c.Len = call.Args[0]
	}
	if c.Step, ok = step(info, s.Post, c.Var); !ok || changes(info, s.Body, c.Var) || changes(info, s.Cond, c.Var) {
		return c, false
	}
	return c, true
}

// OnlyCounts reports whether v is declared by loop, and nothing but its post
// statement changes it.
func (f *Func) OnlyCounts(loop *ast.ForStmt, v *types.Var) bool {
	info := f.Unit.Pkg.Info
	b, ok := types.Unalias(v.Type()).(*types.Basic)
	return ok && b.Kind() != types.Invalid && !changes(info, loop.Body, v) && (loop.Cond == nil || !changes(info, loop.Cond, v)) && !escapes(info, loop.Post, v)
}

// escapes reports whether post, which may assign to v, lets something else change it later: a
// pointer, or a literal.
func escapes(info *types.Info, post ast.Stmt, v *types.Var) (found bool) {
	if post == nil {
		return false
	}
	ast.Inspect(post, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || changes(info, n, v)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && changes(info, n, v)
		}
		return !found
	})
	return found
}

// step returns by how much post changes obj, if not by 0.
func step(info *types.Info, post ast.Stmt, obj *types.Var) (int64, bool) {
	is := func(x ast.Expr) bool {
		id, ok := ast.Unparen(x).(*ast.Ident)
		return ok && info.Uses[id] == obj
	}
	switch p := post.(type) {
	case *ast.IncDecStmt:
		if p.Tok == token.INC {
			return 1, is(p.X)
		}
		return -1, is(p.X)
	case *ast.AssignStmt:
		if len(p.Lhs) != 1 || !is(p.Lhs[0]) || info.Types[p.Rhs[0]].Value == nil {
			return 0, false
		}
		n, exact := constant.Int64Val(constant.ToInt(info.Types[p.Rhs[0]].Value))
		switch p.Tok {
		case token.ADD_ASSIGN:
			return n, exact && n != 0 && n > -1<<31 && n < 1<<31
		case token.SUB_ASSIGN:
			return -n, exact && n != 0 && n > -1<<31 && n < 1<<31
		}
	}
	return 0, false
}

// changes reports whether anything in n may change obj, an integer.
func changes(info *types.Info, n ast.Node, obj *types.Var) (found bool) {
	is := func(x ast.Expr) {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok && info.Uses[id] == obj {
			found = true
		}
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for _, lhs := range m.Lhs {
				is(lhs)
			}
		case *ast.IncDecStmt:
			is(m.X)
		case *ast.RangeStmt:
			if m.Tok == token.ASSIGN {
				is(m.Key)
				is(m.Value)
			}
		case *ast.UnaryExpr:
			if m.Op == token.AND {
				is(m.X)
			}
		}
		return !found
	})
	return found
}

// fits reports whether n is a value of the integer type t on every machine.
func fits(t types.Type, n int64) bool {
	bits := map[types.BasicKind]int{
		types.Int: 32, types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 63,
		types.Uint: 32, types.Uint8: 8, types.Uint16: 16, types.Uint32: 32, types.Uint64: 63, types.Uintptr: 16,
	}
	b := Under(t).(*types.Basic)
	if b.Info()&types.IsUnsigned != 0 {
		return n >= 0 && n < 1<<bits[b.Kind()]
	}
	half := int64(1) << (bits[b.Kind()] - 1)
	return n >= -half && n < half
}
