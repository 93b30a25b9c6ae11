package analysis

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// A GCClass is what gc, the Go compiler, makes of a defer statement.
type GCClass string

const (
	OpenCoded   GCClass = "open-coded" // a bit, and the call at each exit
	StackRecord GCClass = "stack"      // a record in the frame, run by runtime.deferreturn
	HeapRecord  GCClass = "heap"       // a record on the heap
)

// A GC tells gc's class for the sites of a function, by the rules of Go 1.26
// (cmd/compile/internal/walk, stmt.go; escape, call.go; ssagen, ssa.go). A defer
// statement in a loop has its record on the heap. Any other has it in the frame,
// unless gc open-codes them: where none is in a loop, and neither they nor the
// returns are many.
type GC struct {
	Class  []GCClass      // of each site
	Loop   *ast.DeferStmt // one in a loop, or nil
	Sites  int
	Return int        // return statements
	Result *types.Var // a result that may be moved to the heap, or nil
}

// gc's limits.
const (
	gcMaxDefers = 8
	gcMaxCalls  = 15
)

// Many reports whether there are too many defer statements to be open-coded.
func (g *GC) Many() bool { return g.Sites > gcMaxDefers }

// Long reports whether there would be too many calls at exits to open-code them.
func (g *GC) Long() bool { return g.Sites*g.Return > gcMaxCalls }

// GC finds out gc's class for each site of f.
func (f *Func) GC() *GC {
	w := gcWalk{f: f, in: map[*ast.DeferStmt]bool{}, back: backwardLabels(f.Body)}
	w.list(f.Body.List, false)
	g := &GC{Class: make([]GCClass, len(f.Sites)), Sites: w.sites, Return: w.returns, Result: f.heapResult()}
	for _, s := range f.Sites {
		if w.in[s.Stmt] && g.Loop == nil {
			g.Loop = s.Stmt
		}
	}
	for i, s := range f.Sites {
		switch {
		case w.in[s.Stmt]:
			g.Class[i] = HeapRecord
		case g.Loop != nil || g.Many() || g.Long() || g.Result != nil:
			g.Class[i] = StackRecord
		default:
			g.Class[i] = OpenCoded
		}
	}
	return g
}

// A gcWalk counts defer statements and returns as gc does.
type gcWalk struct {
	f              *Func
	in             map[*ast.DeferStmt]bool // a defer statement: is it in a loop
	back           map[string]bool
	sites, returns int
}

// backwardLabels returns the labels that a goto jumps back to. gc takes everything
// from such a label to the end of its block for a loop.
func backwardLabels(body *ast.BlockStmt) map[string]bool {
	seen, back := map[string]bool{}, map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			seen[n.Label.Name] = true
		case *ast.BranchStmt:
			if n.Tok == token.GOTO && seen[n.Label.Name] {
				back[n.Label.Name] = true
			}
		}
		return true
	})
	return back
}

// list walks through a list of statements. gc drops what is behind one that
// ends it, up to the last label.
func (w *gcWalk) list(list []ast.Stmt, loop bool) {
	lastLabel := -1
	for i, s := range list {
		if _, ok := s.(*ast.LabeledStmt); ok {
			lastLabel = i
		}
	}
	dead := false
	for i, s := range list {
		if dead && i > lastLabel {
			return
		}
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			loop = loop || w.back[l.Label.Name]
			s = l.Stmt
		}
		w.stmt(s, loop)
		dead = w.ends(s)
	}
}

func (w *gcWalk) stmt(s ast.Stmt, loop bool) {
	switch s := s.(type) {
	case *ast.DeferStmt:
		w.sites++
		w.in[s] = loop
	case *ast.ReturnStmt:
		w.returns++
	case *ast.BlockStmt:
		w.list(s.List, loop)
	case *ast.IfStmt:
		w.ifStmt(s, loop)
	case *ast.ForStmt:
		w.list(s.Body.List, true)
	case *ast.RangeStmt:
		w.list(s.Body.List, true)
	case *ast.SwitchStmt:
		w.clauses(s.Body, loop)
	case *ast.TypeSwitchStmt:
		w.clauses(s.Body, loop)
	case *ast.SelectStmt:
		w.clauses(s.Body, loop)
	}
}

// ifStmt walks through an if statement, without the branch that a constant condition
// never takes.
func (w *gcWalk) ifStmt(s *ast.IfStmt, loop bool) {
	value, known := w.constant(s.Cond)
	if !known || value {
		w.list(s.Body.List, loop)
	}
	if s.Else != nil && !(known && value) {
		w.stmt(s.Else, loop)
	}
}

// constant returns the value of a condition that has one before the program runs, as
// gc finds it (cmd/compile/internal/noder, staticBool): false && f() is false.
func (w *gcWalk) constant(x ast.Expr) (value, known bool) {
	if tv := w.f.Unit.Pkg.Info.Types[x]; tv.Value != nil {
		return constant.BoolVal(tv.Value), true
	}
	b, ok := ast.Unparen(x).(*ast.BinaryExpr)
	if !ok || b.Op != token.LAND && b.Op != token.LOR {
		return false, false
	}
	wins := b.Op == token.LOR
	left, leftKnown := w.constant(b.X)
	right, rightKnown := w.constant(b.Y)
	switch {
	case leftKnown && left == wins, rightKnown && right == wins:
		return wins, true
	case leftKnown:
		return right, rightKnown
	}
	return false, false
}

func (w *gcWalk) clauses(body *ast.BlockStmt, loop bool) {
	for _, c := range body.List {
		switch c := c.(type) {
		case *ast.CaseClause:
			w.list(c.Body, loop)
		case *ast.CommClause:
			w.list(c.Body, loop)
		}
	}
}

// ends reports whether gc takes s for one behind which nothing runs.
func (w *gcWalk) ends(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.BranchStmt:
		return s.Tok == token.BREAK || s.Tok == token.CONTINUE || s.Tok == token.GOTO
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		call, ok := ast.Unparen(s.X).(*ast.CallExpr)
		return ok && BuiltinName(w.f.Unit.Pkg.Info, call) == "panic"
	case *ast.IfStmt:
		value, known := w.constant(s.Cond)
		then := known && !value || w.endsBlock(s.Body)
		other := known && value || s.Else != nil && w.ends(s.Else)
		return then && other
	case *ast.BlockStmt:
		return w.endsBlock(s)
	}
	return false
}

func (w *gcWalk) endsBlock(b *ast.BlockStmt) bool {
	return len(b.List) > 0 && w.ends(b.List[len(b.List)-1])
}

// heapResult returns a result of f that something may outlive the frame with: a
// literal that mentions it, or its address, which is passed to somebody whose source
// gc cannot look through, or kept.
func (f *Func) heapResult() *types.Var {
	for i := range f.Sig.Results().Len() {
		v := f.Sig.Results().At(i)
		if f.addressOutlives(v) || slices.ContainsFunc(f.Unit.Vars.of(v).literals, f.outlives) {
			return v
		}
	}
	return nil
}

// addressOutlives reports whether &v is an argument that becomes an interface, or
// goes to what cannot be seen: Sscan(s, &v).
func (f *Func) addressOutlives(v *types.Var) (found bool) {
	info := f.Unit.Pkg.Info
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return !found
		}
		sig := signature(info.TypeOf(call.Fun))
		for i, arg := range call.Args {
			u, ok := ast.Unparen(arg).(*ast.UnaryExpr)
			if !ok || u.Op != token.AND || f.Unit.Vars.root(u.X) != v || sig == nil {
				continue
			}
			found = found || typeutil.StaticCallee(info, call) == nil || boxes(sig, i)
		}
		return !found
	})
	return found
}

// boxes reports whether the i-th argument of a call becomes an interface.
func boxes(sig *types.Signature, i int) bool {
	last := sig.Params().Len() - 1
	t := sig.Params().At(min(i, last)).Type()
	if s, ok := t.(*types.Slice); ok && sig.Variadic() && i >= last {
		t = s.Elem()
	}
	return IsInterface(t)
}

// outlives reports whether the value of lit may be kept longer than the frame:
// it is returned, stored, sent, started, deferred in a loop, or passed to a function.
func (f *Func) outlives(lit *ast.FuncLit) bool {
	info := f.Unit.Pkg.Info
	is := func(x ast.Expr) bool { return ast.Unparen(x) == lit }
	outlives := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n == lit
		case *ast.GoStmt:
			outlives = outlives || is(n.Call.Fun)
		case *ast.CallExpr:
			if i := slices.IndexFunc(n.Args, is); i >= 0 {
				outlives = outlives || !f.letsGo(typeutil.StaticCallee(info, n), i)
			}
		case *ast.KeyValueExpr:
			outlives = outlives || is(n.Value)
		case *ast.ReturnStmt:
			outlives = outlives || slices.ContainsFunc(n.Results, is)
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				if is(r) && i < len(n.Lhs) {
					_, isVar := n.Lhs[i].(*ast.Ident)
					outlives = outlives || !isVar
				}
			}
		}
		return true
	})
	return outlives
}

// letsGo reports whether fn does not keep its i-th argument, a function: it is known
// for that, or is a function of the package that does nothing with it but call it.
func (f *Func) letsGo(fn *types.Func, i int) bool {
	if fn == nil || keepsNoArgument[fn.FullName()] {
		return fn != nil
	}
	params := fn.Origin().Signature().Params()
	decl := f.Unit.Pkg.Declaration(fn.Origin())
	if decl == nil || decl.Body == nil || i >= params.Len() {
		return false
	}
	info := f.Unit.Pkg.Info
	uses, calls := 0, 0
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if info.Uses[n] == params.At(i) {
				uses++
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && info.Uses[id] == params.At(i) {
				calls++
			}
		case *ast.GoStmt:
			uses++ // what is started may keep it
		}
		return true
	})
	return uses == calls
}

// keepsNoArgument are functions that call a function and let go of it, as gc
// knows of their source.
var keepsNoArgument = map[string]bool{
	"sort.Slice": true, "sort.SliceStable": true, "sort.Search": true,
	"slices.SortFunc": true, "slices.SortStableFunc": true, "slices.ContainsFunc": true, "slices.IndexFunc": true,
	"strings.Map": true, "strings.IndexFunc": true, "strings.FieldsFunc": true, "strings.TrimFunc": true,
	"(*sync.Once).Do": true, "go/ast.Inspect": true, "path/filepath.Walk": true, "path/filepath.WalkDir": true, "io/fs.WalkDir": true,
}
