package plan

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names hands out identifiers that mean nothing yet where they are used.
type Names struct {
	outer map[string]bool // shared by all Names of a file, and never changed
	used  map[string]bool
	made  map[string]bool // those of used that Fresh has handed out
	next  map[string]int  // the number to try first behind a hint
	info  *types.Info
}

// NewNames returns the identifiers that may not be used for something new in
// file: those that stand there and are no field or method, and those of its
// imports, of the package and of the universe.
func NewNames(file *ast.File, pkg *types.Package, info *types.Info) *Names {
	outer := map[string]bool{"_": true, "init": true, "main": true, "C": true}
	for _, spec := range file.Imports {
		if imp, ok := importedName(info, spec); ok {
			outer[imp.Name()] = true
		}
	}
	for _, scope := range []*types.Scope{pkg.Scope(), types.Universe} {
		for _, name := range scope.Names() {
			outer[name] = true
		}
	}
	return (&Names{outer: outer, info: info}).inside(file)
}

// inside returns the identifiers that may not be used for something new in n,
// a part of the file.
func (n *Names) inside(node ast.Node) *Names {
	names := &Names{outer: n.outer, used: map[string]bool{}, made: map[string]bool{}, next: map[string]int{}, info: n.info}
	names.collect(node)
	return names
}

func (n *Names) collect(node ast.Node) {
	ast.Inspect(node, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SelectorExpr:
			n.collect(m.X)
			return false
		case *ast.Ident:
			if !n.member(m) {
				n.used[m.Name] = true
			}
		}
		return true
	})
}

// member reports whether id is the name of a field or of a method.
func (n *Names) member(id *ast.Ident) bool {
	obj := n.info.Uses[id] // of an embedded field, that is its type
	if obj == nil {
		obj = n.info.Defs[id]
	}
	switch obj := obj.(type) {
	case *types.Var:
		return obj.IsField()
	case *types.Func:
		return obj.Signature().Recv() != nil
	}
	return false
}

// Use makes name one that is in use.
func (n *Names) Use(name string) { n.used[name], n.made[name] = true, true }

func (n *Names) taken(name string) bool {
	return n.outer[name] || n.used[name] || token.IsKeyword(name)
}

// Fresh returns hint, or hint with a number.
func (n *Names) Fresh(hint string) string {
	name := hint
	for n.taken(name) {
		n.next[hint]++
		name = fmt.Sprint(hint, n.next[hint])
	}
	n.used[name], n.made[name] = true, true
	return name
}

// Local returns the first of the hints that is free, for something that only a
// part of the declaration sees: free reports whether that part says nothing else
// by a name. Where none is, it does what Fresh does with the first.
func (n *Names) Local(free func(name string) bool, hints ...string) string {
	for _, name := range hints {
		if !n.outer[name] && !n.made[name] && !token.IsKeyword(name) && free(name) {
			n.used[name] = true
			return name
		}
	}
	return n.Fresh(hints[0])
}

// nameAll names the mask and the records: last, so that a site's own names
// come first.
func (f *Func) nameAll() {
	names := f.Unit.Names
	if m := f.Mask; m != nil {
		for i := 0; i < m.Bits; i += m.Word {
			m.Names = append(m.Names, names.Fresh("active"))
		}
	}
	for _, l := range f.Chain {
		if r := l.Records; r != nil {
			if r.Layout != Slice {
				r.Number = names.Fresh("pending")
			}
			if r.Layout == Steady {
				f.nameIterations(r)
			} else {
				f.nameStore(r)
			}
			for _, s := range r.Sites {
				s.Call.nameApart(names)
			}
		}
	}
}

// nameApart names the variables that hold the operands of c until they are in
// its record.
func (c *Call) nameApart(names *Names) {
	if c.Thunk != nil || !c.Apart() {
		return // a thunk has named what it captures
	}
	for _, t := range c.Temps {
		t.Name, t.AtSite = names.Fresh(t.Hint), true
	}
}

func (f *Func) nameStore(r *Records) {
	names := f.Unit.Names
	free := func(name string) bool { return !strings.Contains(r.Zero, name) && !f.saysAgain(r, name) }
	switch {
	case r.Layout == Counter:
	case r.Scalar:
		r.Name = names.Fresh(r.Fields[0].Name + "s")
		r.Elem = names.Local(free, r.Fields[0].Name)
	default:
		r.Name = names.Fresh("entries")
		r.Elem = names.Local(free, "e")
	}
	if r.Layout == Slice {
		r.Index = names.Local(free, "i")
	}
	if r.Room > 0 {
		r.Buf = names.Fresh("buf")
	}
}

// saysAgain reports whether name stands in the call of a record of r, other than
// in what the record keeps and in a literal that stands elsewhere.
func (f *Func) saysAgain(r *Records, name string) (found bool) {
	for _, s := range r.Sites {
		f.eachAgain(s, func(id *ast.Ident) {
			lifted := s.Call.Lift != nil && s.Callee.Lit.Pos() <= id.Pos() && id.Pos() < s.Callee.Lit.End()
			found = found || id.Name == name && !lifted
		})
	}
	return found
}

// Words is how lowered code writes predeclared identifiers, which may mean
// something else where it goes.
type Words struct {
	Shadowed          bool // some do: no append, len or named integer type is used
	True, False, Bool string
	Any               string // the type whose nil value stands for recover(), where that returns nothing else; else ""
	Tag               string // an integer type
}

func (f *Func) chooseWords() {
	w := &f.Words
	*w = Words{True: "true", False: "false", Bool: "bool", Tag: "uint8"}
	// Inside of literals nothing is known of what f declares.
	switch {
	case f.opts.Native || !f.predeclared("nil") || f.Unit.declares["nil"]:
	case f.predeclared("any") && !f.Unit.declares["any"] && f.goAtLeast("go1.18"):
		w.Any = "any"
	default:
		w.Any = "interface{}"
	}
	for _, name := range []string{"append", "len", "nil", "true", "false", "bool", "uint8", "uint16", "uint32", "uint64"} {
		w.Shadowed = w.Shadowed || !f.predeclared(name)
	}
	if !w.Shadowed {
		return
	}
	w.True, w.False, w.Bool = "1 == 1", "1 != 1", f.Unit.Runtime.Of("Bool")
	for _, name := range []string{"uint8", "int", "uint", "uint16", "int8", "int16", "int32", "uint32", "rune", "byte", "int64", "uint64", "uintptr"} {
		if f.predeclared(name) {
			w.Tag = name
			return
		}
	}
}

// literalHint names a deferred literal of one statement after the method that
// it calls on a variable: closeW for w.Close().
func (f *Func) literalHint(lit *ast.FuncLit) string {
	if len(lit.Body.List) == 1 {
		if sel := f.methodCall(lit.Body.List[0]); sel != nil {
			return lowerFirst(sel.Sel.Name) + upperFirst(sel.X.(*ast.Ident).Name)
		}
	}
	return "onExit"
}

// methodCall returns v.M of a statement that begins with v.M().
func (f *Func) methodCall(s ast.Stmt) *ast.SelectorExpr {
	var x ast.Expr
	switch s := s.(type) {
	case *ast.IfStmt:
		if s.Init != nil {
			return f.methodCall(s.Init)
		}
		return nil
	case *ast.AssignStmt:
		x = s.Rhs[0]
	case *ast.ExprStmt:
		x = s.X
	}
	call, ok := x.(*ast.CallExpr)
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
	if _, isVar := f.info.Uses[id].(*types.Var); !isVar {
		return nil
	}
	return sel
}

// exprHint names a copy of the value of e.
func exprHint(e ast.Expr, otherwise string) string {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return exprHint(e.X, otherwise)
	case *ast.Ident:
		return e.Name
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
			return hint + "s"
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

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// shorter is what people write for some words.
var shorter = map[string]string{
	"address": "addr", "buffer": "buf", "command": "cmd", "config": "cfg", "connection": "conn", "context": "ctx",
	"database": "db", "duration": "d", "message": "msg", "request": "req", "response": "resp", "string": "s", "time": "t",
}

// namedHint returns the last word of a type's name, as a variable is called:
// closer for ReadCloser.
func namedHint(name string) string {
	rs := []rune(name)
	i := len(rs) - 1
	for i > 0 && !(unicode.IsUpper(rs[i]) && unicode.IsLower(rs[i-1])) {
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

// methodHint names the method value x.M.
func methodHint(sel *ast.SelectorExpr) string {
	return lowerFirst(sel.Sel.Name) + upperFirst(exprHint(sel.X, ""))
}

func lowerFirst(s string) string {
	if strings.ToUpper(s) == s {
		return strings.ToLower(s)
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// predeclared reports whether name means the predeclared identifier at the
// start of f and, since new names are fresh, wherever f's own code is added.
func (f *Func) predeclared(name string) bool {
	obj := types.Universe.Lookup(name)
	if !f.visibleAt(obj, name, []place{f.start()}) {
		return false
	}
	if !f.Unit.declares[name] {
		return true
	}
	for _, e := range f.Exits {
		if e.Return != nil && !f.visible(obj, name, nil, e.Pos) {
			return false
		}
	}
	for _, s := range f.Sites {
		if !f.visible(obj, name, nil, s.Stmt.Pos()) {
			return false
		}
	}
	return true
}

func (f *Func) isGeneric() bool {
	d, ok := f.Unit.Decl.(*ast.FuncDecl)
	if !ok {
		return false
	}
	sig := f.info.Defs[d.Name].Type().(*types.Signature)
	return sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0
}

// goAtLeast reports whether the file's language version is version or later.
func (f *Func) goAtLeast(version string) bool { return f.Unit.File.GoAtLeast(version) }
