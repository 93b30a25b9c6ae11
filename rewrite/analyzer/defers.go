package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
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
	if s.Cycle < 0 || s.Bound >= 0 {
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
		if e.Active.May.Empty() || fn.Pkg().Path() == "log" && strings.HasSuffix(f.Unit.File.Name, "_test.go") {
			continue
		}
		d := analysis.Diagnostic{
			Pos: e.Call.Pos(), End: e.Call.End(), Category: "never",
			Message: types.ExprString(e.Call.Fun) + " ends the program: what is deferred here does not run",
		}
		for _, s := range f.Sites {
			if e.Active.May.Has(s.Index) {
				d.Related = append(d.Related, analysis.RelatedInformation{Pos: s.Stmt.Pos(), Message: "a defer statement"})
			}
		}
		c.pass.Report(d)
	}
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
	if s.Recovers.How != deferanalysis.Never || c.panics(f) {
		return // that a panic runs it is what it is for
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
		if what == "" {
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
