package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// values tells which expressions have the same value behind the chain as before
// it: "Results" in ../../doc.go.
type values struct {
	*draft
	exit *Exit // of the chain; nil where it may be that of any
}

// settled reports whether no pending call changes v.
func (vs *values) settled(v *types.Var) bool {
	return vs.Unit.Vars.OnlyBody(v, vs.Node, func(l *ast.FuncLit) bool { return vs.exit != nil && vs.silent(l, v) })
}

// silent reports whether lit, if the function defers it, neither reads nor writes v
// at the exit: it is not pending there, or what is left of it does not mention v.
func (vs *values) silent(lit *ast.FuncLit, v *types.Var) bool {
	e, s := vs.exit, vs.deferring(lit)
	switch {
	case s == nil:
		return false
	case !e.Active.May.Has(s.Index), s.Silent: // see mayStand
		return true
	case e.remains[s] == nil || !s.inline && !e.remains[s].Nothing():
		return false
	}
	mentioned := false
	for _, n := range e.remains[s].kept {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			mentioned = mentioned || ok && vs.info.Uses[id] == v
			return !mentioned
		})
	}
	return !mentioned
}

// simple reports whether x has the same value behind the chain as before it,
// and evaluating it does nothing and cannot fail.
func (vs *values) simple(x ast.Expr) bool {
	tv := vs.info.Types[x]
	if tv.Value != nil || tv.IsNil() || tv.IsType() || inferred(vs.info, x) {
		return true
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return vs.simple(x.X)
	case *ast.FuncLit:
		return true
	case *ast.Ident:
		switch obj := vs.info.Uses[x].(type) {
		case *types.Func:
			return true
		case *types.Var:
			return vs.settled(obj) || vs.opts.Globals.Fixed(obj) || vs.sentinel(obj)
		}
	case *ast.SelectorExpr:
		if v, ok := vs.info.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
			return vs.sentinel(v)
		}
		s := vs.info.Selections[x]
		return s != nil && s.Kind() == types.FieldVal && !s.Indirect() && vs.simple(x.X)
	case *ast.CompositeLit:
		t := analysis.Under(tv.Type)
		if p, ok := t.(*types.Pointer); ok { // &T with T left out
			t = analysis.Under(p.Elem())
		}
		switch t.(type) {
		case *types.Struct, *types.Array, *types.Slice:
			return vs.simpleElements(x.Elts)
		}
		return false // a map, or of a type parameter: it has keys
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(x.X).(*ast.CompositeLit)
		return (x.Op == token.AND && lit || x.Op == token.NOT || x.Op == token.SUB || x.Op == token.ADD || x.Op == token.XOR) && vs.simple(x.X)
	case *ast.BinaryExpr:
		return total(vs.info, x) && vs.simple(x.X) && vs.simple(x.Y)
	case *ast.CallExpr: // the length of a map or channel may change
		if vs.info.Types[x.Fun].IsType() {
			return len(x.Args) == 1 && plainBasic(tv.Type) && plainBasic(vs.info.TypeOf(x.Args[0])) && vs.simple(x.Args[0])
		}
		name := analysis.BuiltinName(vs.info, x)
		if name != "len" && name != "cap" {
			return false
		}
		switch analysis.Under(vs.info.TypeOf(x.Args[0])).(type) {
		case *types.Slice, *types.Array, *types.Basic:
			return vs.simple(x.Args[0])
		}
	}
	return false
}

// sentinel reports whether v, a variable of a package, is an error that has the same value behind
// the chain of the exit as before it: nothing is called there that could assign to it, and
// nobody does who declares it, so that it does not matter what other goroutines do, either.
//
//	mu.Unlock()
//	return 0, io.EOF
func (vs *values) sentinel(v *types.Var) bool {
	if vs.exit == nil || v.Kind() != types.PackageVar || !isError(v.Type()) ||
		!sentinels[v.Pkg().Path()+"."+v.Name()] && !vs.opts.Globals.Unassigned(v) {
		return false
	}
	for _, s := range vs.Sites {
		if vs.exit.Runs.Has(s.Index) && !vs.isQuiet(s.Callee.Func) &&
			(s.Callee.Lit == nil || !vs.onlyQuiet(s.Callee.Lit.Body, vs.isQuiet)) {
			return false
		}
	}
	return true
}

func (vs *values) simpleElements(elts []ast.Expr) bool {
	for _, e := range elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		if !vs.simple(e) {
			return false
		}
	}
	return true
}

func (vs *values) allSimple(list []ast.Expr) bool {
	for _, x := range list {
		if !vs.simple(x) {
			return false
		}
	}
	return true
}

func (vs *values) allLate(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(x ast.Expr) bool { return !vs.late(x) })
}

// late reports whether x, an operand of a return statement, may as well be evaluated
// behind the chain: it is simple, or a new error that is made of what is simple
// and has no methods.
//
//	mu.Unlock()
//	return nil, fmt.Errorf("no key %q", key)
func (vs *values) late(x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok || call.Ellipsis.IsValid() {
		return vs.simple(x)
	}
	switch fn := typeutil.StaticCallee(vs.info, call); {
	case fn == nil:
		return vs.simple(x)
	case fn.FullName() != "errors.New" && fn.FullName() != "fmt.Errorf":
		return false
	}
	return !slices.ContainsFunc(call.Args, func(x ast.Expr) bool {
		t := types.Unalias(vs.info.TypeOf(x))
		named, _ := t.(*types.Named)
		return !plainBasic(t) || named != nil && named.NumMethods() > 0 || !vs.simple(x)
	})
}

// plainBasic reports whether the values of t are numbers, strings or booleans.
func plainBasic(t types.Type) bool {
	if analysis.IsTypeParam(t) {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() != types.UnsafePointer
}

func (vs *values) anyContextual(list []ast.Expr) bool {
	for _, x := range list {
		if contextual(vs.info, x) && !vs.simple(x) {
			return true
		}
	}
	return false
}

// allNamed reports whether evaluating args does nothing and cannot panic, so that it
// does not matter when that happens, nor how often.
func (vs *values) allNamed(args []ast.Expr) bool {
	for _, x := range args {
		if call, ok := ast.Unparen(x).(*ast.CallExpr); ok && convertsWord(vs.info, call) && vs.allNamed(call.Args) {
			continue
		}
		if !isIdent(ast.Unparen(x)) && !vs.simple(x) {
			return false
		}
	}
	return true
}

// calm reports whether evaluating x does nothing and cannot panic.
func (vs *values) calm(x ast.Expr) bool {
	x = ast.Unparen(x)
	if call, ok := x.(*ast.CallExpr); ok && len(call.Args) == 1 && vs.info.Types[call.Fun].IsType() {
		return vs.calm(call.Args[0])
	}
	return isIdent(x) || vs.simple(x)
}
