package plan

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// literalHint names a deferred literal of one statement after the method that
// it calls on a variable: closeW for w.Close(). A name that is long is the method's alone:
// traceConnectEnd for connectTracer.TraceConnectEnd(ctx).
func literalHint(info *types.Info, lit *ast.FuncLit) string {
	if len(lit.Body.List) == 1 {
		if sel := methodCall(info, lit.Body.List[0]); sel != nil {
			const long = 20
			method, variable := lowerFirst(sel.Sel.Name), upperFirst(sel.X.(*ast.Ident).Name)
			if len(method)+len(variable) > long {
				return method
			}
			return method + variable
		}
	}
	return "onExit"
}

// methodCall returns v.M of a statement that begins with v.M().
func methodCall(info *types.Info, s ast.Stmt) *ast.SelectorExpr {
	var x ast.Expr
	switch s := s.(type) {
	case *ast.IfStmt:
		if s.Init != nil {
			return methodCall(info, s.Init)
		}
		return nil
	case *ast.AssignStmt:
		x = s.Rhs[0]
	case *ast.ExprStmt:
		x = s.X
	}
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	if _, isVar := info.Uses[id].(*types.Var); !isVar {
		return nil
	}
	return sel
}

// paramHint returns the name of the i-th parameter for an argument, "" where that says nothing.
func paramHint(sig *types.Signature, i int) string {
	if sig != nil && i < sig.Params().Len() && !(sig.Variadic() && i == sig.Params().Len()-1) {
		if name := sig.Params().At(i).Name(); len(name) > 1 {
			return name
		}
	}
	return ""
}

// valueHint returns a name for an argument of type t: fn for a function, otherwise as typeHint,
// or "arg".
func valueHint(t types.Type) string {
	if _, ok := analysis.Under(t).(*types.Signature); ok {
		return "fn"
	}
	if hint := typeHint(t); hint != "result" {
		return hint
	}
	return "arg"
}

// exprHint returns a name for a copy of the value of e: "mu" for s.mu; otherwise
// where e has no name.
func exprHint(e ast.Expr, otherwise string) string {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return exprHint(e.X, otherwise)
	case *ast.Ident:
		return lowerFirst(e.Name)
	case *ast.SelectorExpr:
		return lowerFirst(e.Sel.Name)
	case *ast.StarExpr:
		return exprHint(e.X, otherwise)
	case *ast.UnaryExpr:
		return exprHint(e.X, otherwise)
	}
	return otherwise
}

// typeHint names a value after its type: conn for a net.Conn, resp for an
// *http.Response, n for a number.
func typeHint(t types.Type) string {
	if isError(t) {
		return "err"
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return namedHint(t.Obj().Name())
	case *types.Pointer:
		return typeHint(t.Elem())
	case *types.Slice:
		if basic, ok := types.Unalias(t.Elem()).(*types.Basic); ok && basic.Kind() == types.Byte {
			return "data"
		}
		if hint := typeHint(t.Elem()); len(hint) > 1 && hint != "result" && hint != "err" && !strings.HasSuffix(hint, "s") {
			return plural(hint)
		}
	case *types.Basic:
		switch {
		case t.Info()&types.IsInteger != 0:
			return "n"
		case t.Info()&types.IsString != 0:
			return "s"
		}
	}
	return "result"
}

// plural returns the name of several: fs for f, entries for entry, boxes for box.
func plural(name string) string {
	stem, isY := strings.CutSuffix(name, "y")
	switch {
	case isY && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou"):
		return stem + "ies"
	case len(name) > 1 && (strings.HasSuffix(name, "x") || strings.HasSuffix(name, "ch") || strings.HasSuffix(name, "sh")):
		return name + "es"
	}
	return name + "s"
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// shorter has the words that people write shorter.
var shorter = map[string]string{
	"address": "addr", "buffer": "buf", "command": "cmd", "config": "cfg", "connection": "conn", "context": "ctx",
	"database": "db", "duration": "d", "error": "err", "message": "msg", "request": "req", "response": "resp", "string": "s", "time": "t",
}

// namedHint returns the last word of a type's name, as a variable is called: snapshot for
// FSMSnapshot, and rc for ReadCloser.
func namedHint(name string) string {
	switch name {
	case "ReadCloser", "WriteCloser":
		return strings.ToLower(name[:1]) + "c"
	}
	rs := []rune(name)
	begins := func(i int) bool { // a word
		behindAcronym := i+1 < len(rs) && unicode.IsLower(rs[i+1])
		return unicode.IsUpper(rs[i]) && (unicode.IsLower(rs[i-1]) || behindAcronym && unicode.IsUpper(rs[i-1]))
	}
	i := len(rs) - 1
	for i > 0 && !begins(i) {
		i--
	}
	word := strings.ToLower(string(rs[i:]))
	if short := shorter[word]; short != "" {
		return short
	}
	if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return "result"
	}
	return word
}

// methodHint returns a name for the method value x.M: "closeFile" for file.Close.
func methodHint(sel *ast.SelectorExpr) string {
	return lowerFirst(sel.Sel.Name) + upperFirst(exprHint(sel.X, ""))
}

// lowerFirst writes the first word of s in small letters: "rwMutex", "id", "urls".
func lowerFirst(s string) string {
	runes := []rune(s)
	n := 0
	for n < len(runes) && unicode.IsUpper(runes[n]) {
		n++
	}
	if rest := string(runes[n:]); n > 1 && rest != "" && rest != "s" && unicode.IsLower(runes[n]) {
		n-- // the next word begins with this one
	}
	return strings.ToLower(string(runes[:n])) + string(runes[n:])
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// fieldHint returns a name for the value of x, if that is a field: "name" for u.Name.
func fieldHint(info *types.Info, x ast.Expr, t types.Type) []string {
	x = ast.Unparen(x)
	if u, ok := x.(*ast.UnaryExpr); ok && u.Op == token.AND {
		x = ast.Unparen(u.X)
	}
	if sel, ok := x.(*ast.SelectorExpr); ok && info.Selections[sel] != nil && !isError(t) {
		return []string{lowerFirst(sel.Sel.Name)}
	}
	return nil
}
