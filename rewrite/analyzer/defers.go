package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	deferanalysis "github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A checker reports what is odd in one package.
type checker struct {
	pass   *analysis.Pass
	pkg    *syntax.Package
	called map[*types.Func]bool // functions that are called, and nothing else
	tables map[*types.Var]bool  // variables that hold what is written out, or a part of it
}

// function looks at the sites of one function.
func (c *checker) function(f *deferanalysis.Func) {
	c.ends(f)
	for _, s := range f.Sites {
		if s.Dead {
			continue
		}
		c.loop(f, s)
		c.never(f, s)
		c.early(f, s)
	}
}

// loop reports a site in a loop that nothing bounds.
func (c *checker) loop(f *deferanalysis.Func, s *deferanalysis.Site) {
	if s.Cycle < 0 || s.Bound >= 0 || c.overTables(s) {
		return
	}
	d := analysis.Diagnostic{
		Pos: s.Stmt.Pos(), End: s.Stmt.End(), Category: "loop",
		Message: "deferred calls pile up until " + f.Name + " returns: nothing bounds the loop",
	}
	if len(s.Loops) > 0 {
		d.Related = []analysis.RelatedInformation{{Pos: s.Loops[len(s.Loops)-1].Stmt.Pos(), Message: "the loop"}}
	}
	c.pass.Report(d)
}

// ends reports what ends the program while calls are pending. In tests, log.Fatal
// and the like do so on purpose: who reads what they say does not ask for the rest.
func (c *checker) ends(f *deferanalysis.Func) {
	for _, e := range f.Ends {
		fn := typeutil.StaticCallee(c.pkg.Info, e.Call)
		missed := slices.DeleteFunc(slices.Clone(f.Sites), func(s *deferanalysis.Site) bool {
			return !e.Active.May.Has(s.Index) || c.endsWithProcess(s)
		})
		if len(missed) == 0 || fn.Pkg().Path() == "log" && strings.HasSuffix(f.Unit.File.Name, "_test.go") {
			continue
		}
		d := analysis.Diagnostic{
			Pos: e.Call.Pos(), End: e.Call.End(), Category: "never",
			Message: types.ExprString(e.Call.Fun) + " ends the program: what is deferred here does not run",
		}
		for _, s := range missed {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: s.Stmt.Pos(), Message: "a defer statement"})
		}
		c.pass.Report(d)
	}
}

// endsWithProcess reports whether nobody misses the call of s at the end of the program:
// what it lets go of goes with the process, or it only recovers, or ends it, too.
func (c *checker) endsWithProcess(s *deferanalysis.Site) bool {
	if s.Recovers.How == deferanalysis.Inside || s.Callee.Builtin != "" {
		return true
	}
	if t, ok := c.pkg.Info.TypeOf(s.Callee.Fun).(*types.Named); ok && t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == "context" {
		return true // a CancelFunc
	}
	fn := s.Callee.Func
	return fn != nil && processLocal[fn.FullName()]
}

// processLocal are functions of the standard library without effect at the end of the
// process.
var processLocal = map[string]bool{
	"(*os.File).Close": true, "(net.Conn).Close": true, "(net.Listener).Close": true,
	"(*sync.Mutex).Unlock": true, "(*sync.RWMutex).Unlock": true, "(*sync.RWMutex).RUnlock": true, "(sync.Locker).Unlock": true,
	"(*sync.WaitGroup).Done": true, "(*time.Timer).Stop": true, "(*time.Ticker).Stop": true,
	"os.Exit": true, "os/signal.Stop": true, "runtime.UnlockOSThread": true, "syscall.Close": true,
}

// overTables reports whether each loop around s whose iterations are not counted ranges
// over what is written out: the rows of a test, say.
func (c *checker) overTables(s *deferanalysis.Site) bool {
	for _, l := range s.Loops {
		r, ok := l.Stmt.(*ast.RangeStmt)
		if l.Trips < 0 && !(ok && c.isTable(r.X)) {
			return false
		}
	}
	return len(s.Loops) > 0
}

// isTable reports whether x is a variable of which all that is assigned to it is known:
// composite literals, and parts of itself.
func (c *checker) isTable(x ast.Expr) bool {
	if c.tables == nil {
		c.tables = findTables(c.pass)
	}
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	v, _ := c.pkg.Info.Uses[id].(*types.Var)
	return c.tables[v]
}

// findTables returns the variables of a package that are tables.
func findTables(pass *analysis.Pass) map[*types.Var]bool {
	tables := map[*types.Var]bool{}
	set := func(target, value ast.Expr) {
		id, ok := ast.Unparen(target).(*ast.Ident)
		if !ok {
			return
		}
		v, _ := pass.TypesInfo.ObjectOf(id).(*types.Var)
		if v == nil {
			return
		}
		if known, seen := tables[v]; seen && !known {
			return
		}
		switch value := value.(type) {
		case *ast.CompositeLit:
			tables[v] = true
		case *ast.SliceExpr:
			of, _ := ast.Unparen(value.X).(*ast.Ident)
			tables[v] = of != nil && pass.TypesInfo.Uses[of] == v
		default:
			tables[v] = false
		}
	}
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, target := range n.Lhs {
					var value ast.Expr
					if len(n.Lhs) == len(n.Rhs) {
						value = n.Rhs[i]
					}
					set(target, value)
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if len(n.Values) == len(n.Names) {
						set(name, n.Values[i])
					} else if len(n.Values) > 0 {
						set(name, nil)
					}
				}
			case *ast.RangeStmt:
				for _, target := range []ast.Expr{n.Key, n.Value} {
					if target != nil {
						set(target, nil)
					}
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					set(n.X, nil)
				}
			}
			return true
		})
	}
	return tables
}

// never reports a site behind which its function does not return.
func (c *checker) never(f *deferanalysis.Func, s *deferanalysis.Site) {
	for _, e := range f.Ends {
		if e.Active.May.Has(s.Index) {
			return // see ends
		}
	}
	for _, e := range f.Exits {
		if e.Active.May.Has(s.Index) {
			return
		}
	}
	if s.Recovers.How != deferanalysis.Never || c.panics(f) || c.endsWithProcess(s) && s.Callee.Builtin == "" {
		return // that a panic runs it is what it is for, or it is missed by nobody
	}
	c.pass.Report(analysis.Diagnostic{
		Pos: s.Stmt.Pos(), End: s.Stmt.End(), Category: "never",
		Message: f.Name + " does not return behind this defer statement: only a panic or runtime.Goexit runs the call",
	})
}

// panics reports whether the body of f panics, or ends the goroutine, on purpose.
func (c *checker) panics(f *deferanalysis.Func) (found bool) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fn := typeutil.StaticCallee(c.pkg.Info, n)
			found = found || deferanalysis.BuiltinName(c.pkg.Info, n) == "panic" || fn != nil && fn.FullName() == "runtime.Goexit"
		}
		return !found
	})
	return found
}

// early reports an operand whose value at the defer statement is hardly the
// one that is meant.
func (c *checker) early(f *deferanalysis.Func, s *deferanalysis.Site) {
	call := s.Stmt.Call
	if s.Callee.Kind == deferanalysis.Literal || s.Callee.Kind == deferanalysis.Builtin {
		return // a parameter of a literal is a copy on purpose
	}
	for _, arg := range call.Args {
		what := c.earlyCall(arg)
		if what == "" && !c.madeAgain(f, s) {
			what = c.assignedLater(f, s, arg)
		}
		if what == "" {
			continue
		}
		c.pass.Report(analysis.Diagnostic{
			Pos: arg.Pos(), End: arg.End(), Category: "early", Message: what,
			SuggestedFixes: []analysis.SuggestedFix{{
				Message: "Defer a function literal that makes the call",
				TextEdits: []analysis.TextEdit{
					{Pos: call.Pos(), End: call.Pos(), NewText: []byte("func() { ")},
					{Pos: call.End(), End: call.End(), NewText: []byte(" }()")},
				},
			}},
		})
		return
	}
}

// earlyCall finds a call in an operand whose result depends on when it is made.
func (c *checker) earlyCall(arg ast.Expr) (what string) {
	ast.Inspect(arg, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fn := typeutil.StaticCallee(c.pkg.Info, n)
			if fn != nil && (fn.FullName() == "time.Since" || fn.FullName() == "time.Until") {
				what = fn.FullName() + " is called by the defer statement, not by the deferred call"
			}
		}
		return what == ""
	})
	return what
}

// assignedLater reports on an operand that is a variable of the function, which
// is assigned behind the site and is read by nothing but the deferred call then.
func (c *checker) assignedLater(f *deferanalysis.Func, s *deferanalysis.Site, arg ast.Expr) string {
	id, ok := ast.Unparen(arg).(*ast.Ident)
	if !ok {
		return ""
	}
	v, ok := c.pkg.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Parent() == c.pkg.Types.Scope() || v.Pkg() != c.pkg.Types {
		return ""
	}
	if isResult(f.Sig, v) && returnsOperands(f) {
		return fmt.Sprintf("%s is read by the defer statement: what the function returns is not known yet", id.Name)
	}
	switch deferanalysis.Under(v.Type()).(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return "" // what it refers to is closed or released, and then another one takes its place
	}
	if at := c.assignment(f, v, s.Stmt.End()); at.IsValid() {
		return fmt.Sprintf("%s is read by the defer statement, and assigned later, at line %d", id.Name, c.line(at))
	}
	return ""
}

// madeAgain reports whether a later statement makes the same call: then the deferred one
// restores what was before.
//
//	defer SetGoroutineLabels(ctx)
//	ctx = WithLabels(ctx, labels)
//	SetGoroutineLabels(ctx)
func (c *checker) madeAgain(f *deferanalysis.Func, s *deferanalysis.Site) (found bool) {
	text := types.ExprString(s.Stmt.Call)
	ast.Inspect(f.Body, func(n ast.Node) bool {
		x, ok := n.(*ast.ExprStmt)
		found = found || ok && x.Pos() > s.Stmt.Pos() && types.ExprString(x.X) == text
		_, inside := n.(*ast.FuncLit)
		return !found && !inside
	})
	return found
}

func isResult(sig *types.Signature, v *types.Var) bool {
	for i := range sig.Results().Len() {
		if sig.Results().At(i) == v {
			return true
		}
	}
	return false
}

func returnsOperands(f *deferanalysis.Func) bool {
	for _, e := range f.Exits {
		if e.Return != nil && len(e.Return.Results) > 0 {
			return true
		}
	}
	return false
}

// assignment returns where v is assigned first behind pos.
func (c *checker) assignment(f *deferanalysis.Func, v *types.Var, pos token.Pos) (at token.Pos) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if n == nil || at.IsValid() || n.End() < pos {
			return false
		}
		var targets []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			targets = n.Lhs
		case *ast.IncDecStmt:
			targets = []ast.Expr{n.X}
		}
		for _, x := range targets {
			if id, ok := ast.Unparen(x).(*ast.Ident); ok && c.pkg.Info.Uses[id] == v && n.Pos() > pos {
				at = n.Pos()
			}
		}
		return true
	})
	return at
}

func (c *checker) line(pos token.Pos) int { return c.pkg.Fset.Position(pos).Line }
