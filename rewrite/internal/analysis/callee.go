package analysis

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A Kind says what a deferred call calls.
type Kind int

const (
	Literal   Kind = iota // func() {...}()
	Function              // f(), pkg.F(), F[T](), T.M(t): a declared function, by its name
	Method                // x.M() of a concrete type
	Interface             // x.M() of an interface, or of a type parameter
	Value                 // any other expression of function type
	Builtin               // close(c)
	CFunction             // C.f()
)

// A Callee is what a deferred call calls.
type Callee struct {
	Kind      Kind
	Call      *ast.CallExpr
	Fun       ast.Expr          // Call.Fun without parentheses
	Sig       *types.Signature  // after instantiation; nil for a builtin
	Lit       *ast.FuncLit      // Literal
	Recover   []*ast.CallExpr   // Literal: its own calls of recover
	Func      *types.Func       // Function, Method, Interface: what is called, where known
	Sel       *ast.SelectorExpr // Method, Interface
	Selection *types.Selection  // Method, Interface
	Builtin   string            // Builtin
}

func callee(info *types.Info, call *ast.CallExpr) *Callee {
	c := &Callee{Kind: Value, Call: call, Fun: ast.Unparen(call.Fun)}
	if name := BuiltinName(info, call); name != "" {
		c.Kind, c.Builtin = Builtin, name
		return c
	}
	c.Sig = signature(info.TypeOf(call.Fun))
	name := c.Fun
	switch f := name.(type) {
	case *ast.IndexExpr:
		if isGenericFunc(info, f.X) {
			name = ast.Unparen(f.X)
		}
	case *ast.IndexListExpr:
		name = ast.Unparen(f.X)
	}
	switch f := name.(type) {
	case *ast.FuncLit:
		c.Kind, c.Lit = Literal, f
		c.Recover = recoverCalls(info, f.Body)
	case *ast.Ident:
		if fn, ok := info.Uses[f].(*types.Func); ok {
			c.Kind, c.Func = Function, fn
		}
	case *ast.SelectorExpr:
		c.selector(info, f)
	}
	return c
}

// selector says what a deferred call of x.f calls.
func (c *Callee) selector(info *types.Info, f *ast.SelectorExpr) {
	sel := info.Selections[f]
	if sel == nil { // a qualified identifier
		fn, ok := info.Uses[f.Sel].(*types.Func)
		if ok {
			c.Kind, c.Func = Function, fn
		}
		if id, isID := f.X.(*ast.Ident); isID {
			if pkg, isPkg := info.Uses[id].(*types.PkgName); isPkg && pkg.Imported().Path() == "C" {
				c.Kind = CFunction
			}
		}
		return
	}
	switch sel.Kind() {
	case types.MethodExpr:
		c.Kind, c.Func = Function, sel.Obj().(*types.Func)
	case types.MethodVal:
		c.Kind, c.Func, c.Sel, c.Selection = Method, sel.Obj().(*types.Func), f, sel
		if recv := c.Func.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			c.Kind = Interface
		}
	}
}

// signature returns the function type of t, or nil.
func signature(t types.Type) *types.Signature {
	if t == nil {
		return nil
	}
	if sig, ok := t.Underlying().(*types.Signature); ok {
		return sig
	}
	return coreSignature(t)
}

// coreSignature returns the one function type in the type set of a type parameter, or
// nil.
func coreSignature(t types.Type) *types.Signature {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return coreSignature(t.Constraint().Underlying())
	case *types.Interface:
		for i := range t.NumEmbeddeds() {
			if sig := coreSignature(t.EmbeddedType(i)); sig != nil {
				return sig
			}
		}
	case *types.Union:
		return coreSignature(t.Term(0).Type())
	case *types.Signature:
		return t
	case *types.Named:
		return coreSignature(t.Underlying())
	}
	return nil
}

func isGenericFunc(info *types.Info, x ast.Expr) bool {
	var id *ast.Ident
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return false
	}
	_, ok := info.Uses[id].(*types.Func)
	return ok
}

// recoverCalls returns the calls of the builtin recover that body makes itself. Those
// in a literal inside it, or in the body of a range-over-func loop, never recover a
// panic that runs body: gc counts the frames between.
func recoverCalls(info *types.Info, body *ast.BlockStmt) (calls []*ast.CallExpr) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			if IsRangeFunc(info, n) {
				calls = append(calls, recoverCalls(info, &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: n.X}}})...)
				return false
			}
		case *ast.GoStmt:
			if BuiltinName(info, n.Call) == "recover" {
				return false
			}
		case *ast.CallExpr:
			if BuiltinName(info, n) == "recover" {
				calls = append(calls, n)
			}
		}
		return true
	})
	return calls
}

// RuntimeDir is the directory, below the module's root, of the bundled
// runtime. A number may follow where the module has one of that name itself.
const RuntimeDir = "internal/dedefer"

// GuardMark is the comment above a guard. By it a later rewriting knows a function
// that is done, and changes nothing.
const GuardMark = "//dedefer:guard"

// isGuard reports whether d is a guard that an earlier rewriting left.
func (u *Unit) isGuard(d *ast.DeferStmt) bool {
	return slices.ContainsFunc(u.commentsAbove(d.Pos()), func(c *ast.Comment) bool { return c.Text == GuardMark })
}

// wasLowered reports whether an earlier rewriting lowered the function that
// sites belong to, and left guards in it.
func (u *Unit) wasLowered(sites []*Site) bool {
	return slices.ContainsFunc(sites, func(s *Site) bool { return u.isGuard(s.Stmt) })
}

// IsRuntimePath reports whether path may be that of a bundled runtime.
func IsRuntimePath(path string) bool {
	i := strings.LastIndex(path, RuntimeDir)
	return i > 0 && path[i-1] == '/' && strings.Trim(path[i+len(RuntimeDir):], "0123456789") == ""
}
