package plan

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
)

// mayUnwind reports whether a panic or Goexit may pass through f while entries
// are pending. If so, why names the first thing that may raise one; if not, it
// says what the proof rests on.
//
// The proof looks at f alone: at everything that may run behind its first
// site. Calls are obstacles, but for a few that are known not to panic.
func (f *Func) mayUnwind() (why string, may bool) {
	p := &proof{f: f, first: f.Sites[0]}
	if f.HasGoto {
		p.obstacle(f.Body, "a goto leads to where calls are pending")
	}
	for _, s := range f.Sites {
		if s.Promise && s.Cycle >= 0 {
			p.obstacle(s.Stmt, "the promise of a bound may break")
		}
	}
	p.statements(f.Body.List...)
	p.entries()
	if p.why != "" {
		return p.why, true
	}
	return "nothing behind the first site can panic or call Goexit", false
}

type proof struct {
	f     *Func
	first *Site
	why   string // the first obstacle
}

func (p *proof) obstacle(n ast.Node, format string, args ...any) {
	if p.why == "" {
		p.why = fmt.Sprintf(format, args...) + fmt.Sprintf(" (line %d)", p.f.line(n.Pos()))
	}
}

// entries looks at what runs while other entries wait: all but the oldest.
func (p *proof) entries() {
	for _, s := range p.f.Sites {
		if !s.Dead && (s != p.first || s.Cycle >= 0) {
			p.call(s.Stmt.Call)
		}
	}
}

// statements looks at a list, from the statement on that holds the first site.
func (p *proof) statements(list ...ast.Stmt) {
	for _, s := range list {
		p.stmt(s)
	}
}

// before reports whether n is over before the first site, and cannot run again.
func (p *proof) before(n ast.Node) bool { return n.End() <= p.first.Stmt.Pos() && p.first.Cycle < 0 }

func (p *proof) stmt(s ast.Stmt) {
	if s == nil || p.why != "" || p.before(s) {
		return
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		p.assign(s)
	case *ast.BlockStmt:
		p.statements(s.List...)
	case *ast.BranchStmt, *ast.EmptyStmt:
	case *ast.CaseClause:
		p.exprs(s.List...)
		p.statements(s.Body...)
	case *ast.CommClause:
		p.statements(s.Comm)
		p.statements(s.Body...)
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if vs, ok := spec.(*ast.ValueSpec); ok {
				p.exprs(vs.Values...)
			}
		}
	case *ast.DeferStmt:
		if s != p.first.Stmt {
			p.operands(s)
		}
	case *ast.ExprStmt:
		p.expr(s.X)
	case *ast.ForStmt:
		p.statements(s.Init, s.Post)
		p.expr(s.Cond)
		p.stmt(s.Body)
	case *ast.IfStmt:
		p.stmt(s.Init)
		p.expr(s.Cond)
		p.statements(s.Body, s.Else)
	case *ast.IncDecStmt:
		p.target(s.X)
	case *ast.LabeledStmt:
		p.stmt(s.Stmt)
	case *ast.RangeStmt:
		p.rangeStmt(s)
	case *ast.ReturnStmt:
		p.exprs(s.Results...)
	case *ast.SelectStmt:
		p.stmt(s.Body)
	case *ast.SwitchStmt:
		p.stmt(s.Init)
		p.expr(s.Tag)
		if s.Tag != nil && !p.comparable(s.Tag) {
			p.obstacle(s, "comparing with the cases of a switch may panic")
		}
		p.stmt(s.Body)
	case *ast.TypeSwitchStmt:
		p.stmt(s.Init)
		if as, ok := s.Assign.(*ast.AssignStmt); ok {
			p.expr(as.Rhs[0].(*ast.TypeAssertExpr).X)
		} else {
			p.expr(s.Assign.(*ast.ExprStmt).X.(*ast.TypeAssertExpr).X)
		}
		p.stmt(s.Body)
	default:
		p.obstacle(s, "a statement that may panic")
	}
}

// operands looks at what a site evaluates.
func (p *proof) operands(d *ast.DeferStmt) {
	if sel, ok := ast.Unparen(d.Call.Fun).(*ast.SelectorExpr); ok {
		if s := p.f.info.Selections[sel]; s != nil {
			if types.IsInterface(s.Recv()) {
				p.obstacle(d, "the receiver of a deferred call may be nil")
			}
			p.address(sel.X)
		}
	} else {
		p.expr(d.Call.Fun)
	}
	p.exprs(d.Call.Args...)
}

func (p *proof) assign(s *ast.AssignStmt) {
	if len(s.Lhs) == 2 && len(s.Rhs) == 1 {
		switch x := ast.Unparen(s.Rhs[0]).(type) {
		case *ast.TypeAssertExpr: // v, ok := x.(T)
			p.expr(x.X)
			p.targets(s.Lhs)
			return
		}
	}
	p.exprs(s.Rhs...)
	if s.Tok == token.QUO_ASSIGN || s.Tok == token.REM_ASSIGN || s.Tok == token.SHL_ASSIGN || s.Tok == token.SHR_ASSIGN {
		p.obstacle(s, "an operation that may panic")
	}
	p.targets(s.Lhs)
}

func (p *proof) targets(list []ast.Expr) {
	for _, x := range list {
		p.target(x)
	}
}

// target looks at what is assigned to.
func (p *proof) target(x ast.Expr) {
	if ix, ok := ast.Unparen(x).(*ast.IndexExpr); ok {
		if _, isMap := under(p.f.info.TypeOf(ix.X)).(*types.Map); isMap {
			p.obstacle(x, "assigning to a map that may be nil")
			return
		}
	}
	p.expr(x)
}

func (p *proof) rangeStmt(s *ast.RangeStmt) {
	if p.f.isRangeFunc(s) {
		p.obstacle(s, "a range-over-func loop calls a function")
		return
	}
	if _, ok := under(p.f.info.TypeOf(s.X)).(*types.Pointer); ok || p.isTypeParam(s.X) {
		p.obstacle(s, "ranging over a pointer that may be nil")
		return
	}
	p.expr(s.X)
	if s.Tok == token.ASSIGN {
		p.target(s.Key)
		if s.Value != nil {
			p.target(s.Value)
		}
	}
	p.stmt(s.Body)
}

func (p *proof) exprs(list ...ast.Expr) {
	for _, x := range list {
		p.expr(x)
	}
}

func (p *proof) expr(x ast.Expr) {
	if x == nil || p.why != "" || p.before(x) {
		return
	}
	if tv := p.f.info.Types[x]; tv.Value != nil || tv.IsType() || tv.IsNil() {
		return
	}
	switch x := x.(type) {
	case *ast.Ident, *ast.FuncLit, *ast.BasicLit:
	case *ast.ParenExpr:
		p.expr(x.X)
	case *ast.SelectorExpr:
		p.selector(x)
	case *ast.CompositeLit:
		p.composite(x)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			p.address(x.X)
			return
		}
		p.expr(x.X) // a receive may block, but not panic
	case *ast.BinaryExpr:
		p.binary(x)
	case *ast.StarExpr:
		if !p.f.notNil(x.X, p.first) {
			p.obstacle(x, "%s may be nil", types.ExprString(x.X))
		}
	case *ast.IndexExpr:
		p.index(x)
	case *ast.CallExpr:
		p.call(x)
	default:
		p.obstacle(x, "%s may panic", types.ExprString(x))
	}
}

func (p *proof) selector(x *ast.SelectorExpr) {
	s := p.f.info.Selections[x]
	switch {
	case s == nil: // a qualified identifier
	case s.Kind() != types.FieldVal:
		if s.Kind() != types.MethodExpr {
			p.obstacle(x, "%s may panic", types.ExprString(x))
		}
	default:
		p.address(x)
	}
}

// address looks at what finding the variable x takes.
func (p *proof) address(x ast.Expr) {
	switch x := ast.Unparen(x).(type) {
	case *ast.SelectorExpr:
		s := p.f.info.Selections[x]
		if s == nil {
			return
		}
		_, isPointer := under(p.f.info.TypeOf(x.X)).(*types.Pointer)
		switch {
		case isPointer && (!p.f.notNil(x.X, p.first) || p.hops(s) > 0):
			p.obstacle(x, "%s may be nil", types.ExprString(x.X))
		case !isPointer && s.Indirect():
			p.obstacle(x, "a pointer in %s may be nil", types.ExprString(x.X))
		case !isPointer:
			p.address(x.X)
		}
	default:
		p.expr(x)
	}
}

// hops counts the embedded pointers on the way of a selection, other than the
// first operand itself.
func (p *proof) hops(s *types.Selection) (n int) {
	t := s.Recv()
	if ptr, ok := under(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	for _, i := range s.Index()[:len(s.Index())-1] {
		st, ok := under(t).(*types.Struct)
		if !ok {
			return n
		}
		t = st.Field(i).Type()
		if ptr, ok := under(t).(*types.Pointer); ok {
			t = ptr.Elem()
			n++
		}
	}
	return n
}

func (p *proof) composite(x *ast.CompositeLit) {
	_, isMap := under(p.f.info.TypeOf(x)).(*types.Map)
	for _, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if isMap && !p.comparable(kv.Key) {
				p.obstacle(kv, "a key may not be hashable")
			}
			if isMap {
				p.expr(kv.Key)
			}
			e = kv.Value
		}
		p.expr(e)
	}
}

func (p *proof) binary(x *ast.BinaryExpr) {
	p.exprs(x.X, x.Y)
	switch x.Op {
	case token.QUO, token.REM:
		b, _ := under(p.f.info.TypeOf(x)).(*types.Basic)
		y := p.f.info.Types[x.Y].Value
		if b == nil || b.Info()&types.IsInteger != 0 && (y == nil || constant.Sign(y) == 0) {
			p.obstacle(x, "the divisor may be zero")
		}
	case token.SHL, token.SHR:
		b, _ := under(p.f.info.TypeOf(x.Y)).(*types.Basic)
		if p.f.info.Types[x.Y].Value == nil && (b == nil || b.Info()&types.IsUnsigned == 0) {
			p.obstacle(x, "the shift count may be negative")
		}
	case token.EQL, token.NEQ:
		nilX, nilY := p.f.info.Types[x.X].IsNil(), p.f.info.Types[x.Y].IsNil()
		if !nilX && !nilY && !(p.comparable(x.X) && p.comparable(x.Y)) {
			p.obstacle(x, "the comparison may panic")
		}
	}
}

// comparable reports whether comparing or hashing values of x's type cannot
// panic.
func (p *proof) comparable(x ast.Expr) bool {
	switch under(p.f.info.TypeOf(x)).(type) {
	case *types.Basic, *types.Pointer, *types.Chan:
		return true
	}
	return false
}

func (p *proof) index(x *ast.IndexExpr) {
	switch t := under(p.f.info.TypeOf(x.X)).(type) {
	case *types.Map:
		p.exprs(x.X, x.Index)
		if !p.comparable(x.Index) || types.IsInterface(t.Key()) {
			p.obstacle(x, "the key may not be hashable")
		}
		return
	case *types.Array:
		if p.f.info.Types[x.Index].Value != nil {
			p.address(x.X)
			return
		}
	case *types.Signature:
		return // an instance of a generic function
	}
	p.obstacle(x, "the index may be out of range")
}

// total are functions of the standard library that neither panic nor call
// Goexit, given a receiver that is not nil. A mutex that is unlocked too often
// is a fatal error.
var total = map[string]bool{
	"(*sync.Mutex).Lock": true, "(*sync.Mutex).Unlock": true, "(*sync.Mutex).TryLock": true,
	"(*sync.RWMutex).Lock": true, "(*sync.RWMutex).Unlock": true, "(*sync.RWMutex).TryLock": true,
	"(*sync.RWMutex).RLock": true, "(*sync.RWMutex).RUnlock": true, "(*sync.RWMutex).TryRLock": true,
	"(*sync/atomic.Bool).Load": true, "(*sync/atomic.Bool).Store": true, "(*sync/atomic.Bool).Swap": true,
	"(*sync/atomic.Int32).Load": true, "(*sync/atomic.Int32).Store": true, "(*sync/atomic.Int32).Add": true,
	"(*sync/atomic.Int64).Load": true, "(*sync/atomic.Int64).Store": true, "(*sync/atomic.Int64).Add": true,
	"(*sync/atomic.Uint32).Load": true, "(*sync/atomic.Uint32).Store": true, "(*sync/atomic.Uint32).Add": true,
	"(*sync/atomic.Uint64).Load": true, "(*sync/atomic.Uint64).Store": true, "(*sync/atomic.Uint64).Add": true,
	"time.Now": true, "time.Since": true,
}

// totalBuiltins are the builtins that do not panic.
var totalBuiltins = map[string]bool{
	"append": true, "cap": true, "clear": true, "complex": true, "copy": true, "imag": true, "len": true,
	"max": true, "min": true, "new": true, "print": true, "println": true, "real": true, "recover": true,
}

func (p *proof) call(x *ast.CallExpr) {
	if p.why != "" {
		return
	}
	info := p.f.info
	if info.Types[x.Fun].IsType() {
		_, toArray := under(info.TypeOf(x)).(*types.Array)
		_, toPointer := under(info.TypeOf(x)).(*types.Pointer)
		_, fromSlice := under(info.TypeOf(x.Args[0])).(*types.Slice)
		if fromSlice && (toArray || toPointer) || p.isTypeParam(x) {
			p.obstacle(x, "the conversion may panic")
		}
		p.expr(x.Args[0])
		return
	}
	if id, ok := ast.Unparen(x.Fun).(*ast.Ident); ok {
		if b, ok := info.Uses[id].(*types.Builtin); ok && totalBuiltins[b.Name()] {
			p.exprs(x.Args...)
			return
		}
	}
	if sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok {
		if fn, ok := info.Uses[sel.Sel].(*types.Func); ok && total[fn.FullName()] {
			if s := info.Selections[sel]; s != nil {
				p.receiver(sel, s)
			}
			p.exprs(x.Args...)
			return
		}
	}
	p.obstacle(x, "the call of %s may panic or call Goexit", shortCall(x))
}

// receiver looks at the receiver of a method of a pointer.
func (p *proof) receiver(sel *ast.SelectorExpr, s *types.Selection) {
	if _, isPointer := under(p.f.info.TypeOf(sel.X)).(*types.Pointer); !isPointer {
		p.address(sel.X)
		return
	}
	if !p.f.notNil(sel.X, p.first) || p.hops(s) > 0 {
		p.obstacle(sel, "%s may be nil", types.ExprString(sel.X))
	}
}

func (p *proof) isTypeParam(x ast.Expr) bool {
	_, ok := types.Unalias(p.f.info.TypeOf(x)).(*types.TypeParam)
	return ok
}

func shortCall(x *ast.CallExpr) string {
	if _, ok := ast.Unparen(x.Fun).(*ast.FuncLit); ok {
		return "a literal"
	}
	return types.ExprString(x.Fun)
}

func (f *Func) isRangeFunc(s *ast.RangeStmt) bool { return analyse.IsRangeFunc(f.info, s) }
