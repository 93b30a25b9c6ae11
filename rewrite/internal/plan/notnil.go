package plan

import (
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// made are functions of the standard library whose first result, an interface, is not nil
// where their error is: all return a pointer or a struct in it.
var made = map[string]bool{
	"net.Dial": true, "net.DialTimeout": true, "net.Listen": true, "net.ListenPacket": true,
	"net.FileConn": true, "net.FileListener": true, "net.FilePacketConn": true,
	"(*net.Dialer).Dial": true, "(*net.Dialer).DialContext": true,
	"(*net.ListenConfig).Listen": true, "(*net.ListenConfig).ListenPacket": true,
	"(*net.TCPListener).Accept": true, "(*net.UnixListener).Accept": true,
	"crypto/tls.Listen": true, "(*crypto/tls.Dialer).Dial": true, "(*crypto/tls.Dialer).DialContext": true,
	"(*archive/zip.File).Open": true, "compress/zlib.NewReader": true,
	"(*mime/multipart.FileHeader).Open": true, "(embed.FS).Open": true,
	"(*os/exec.Cmd).StdinPipe": true, "(*os/exec.Cmd).StdoutPipe": true, "(*os/exec.Cmd).StderrPipe": true,
}

// madeBody are those that return a *net/http.Response whose Body is not nil, as the
// documentation of that field says, where their error is.
var madeBody = map[string]bool{
	"net/http.Get": true, "net/http.Head": true, "net/http.Post": true, "net/http.PostForm": true,
	"(*net/http.Client).Do": true, "(*net/http.Client).Get": true, "(*net/http.Client).Head": true,
	"(*net/http.Client).Post": true, "(*net/http.Client).PostForm": true,
}

// madeBefore reports whether the interface x cannot be nil at the site, for it comes from
// a function of which that is known, and whose error has been tested:
//
//	conn, err := net.Dial(network, address)
//	if err != nil {
//		return err
//	}
//	defer conn.Close()
func (o *operands) madeBefore(x ast.Expr) bool {
	list, i := o.List(o.site.Site)
	if i < 2 {
		return false
	}
	from, ok := list[i-2].(*ast.AssignStmt)
	if !ok || len(from.Lhs) != 2 || len(from.Rhs) != 1 || !o.leavesIf(list[i-1], from.Lhs[1]) {
		return false
	}
	call, ok := ast.Unparen(from.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := typeutil.StaticCallee(o.info, call)
	switch {
	case fn == nil:
		return false
	case made[fn.FullName()]:
		return o.samePlace(x, from.Lhs[0])
	case madeBody[fn.FullName()]:
		sel, ok := ast.Unparen(x).(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Body" && o.samePlace(sel.X, from.Lhs[0])
	}
	return false
}

// leavesIf reports whether s is "if err != nil {" with a block that never goes on to what is behind.
func (o *operands) leavesIf(s ast.Stmt, err ast.Expr) bool {
	test, ok := s.(*ast.IfStmt)
	if !ok || test.Init != nil || test.Else != nil || len(test.Body.List) == 0 {
		return false
	}
	cond, ok := ast.Unparen(test.Cond).(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ || !o.samePlace(cond.X, err) || !o.info.Types[cond.Y].IsNil() {
		return false
	}
	switch last := test.Body.List[len(test.Body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		call, ok := ast.Unparen(last.X).(*ast.CallExpr)
		return ok && o.neverReturns(call)
	}
	return false
}

// neverReturns reports whether call panics, or ends the goroutine or the program.
func (o *operands) neverReturns(call *ast.CallExpr) bool {
	fn := typeutil.StaticCallee(o.info, call)
	return fn != nil && stdGoexits[fn.FullName()] || analysis.EndsProgram(o.info, call) || analysis.BuiltinName(o.info, call) == "panic"
}

// failsNext reports whether the program ends as well, and before it does anything else, if the
// interface x is nil and not checked at the site: the statement behind that calls a
// method of x, too. A panic would find the call pending, so this is for -unwind=none.
//
//	defer f.Close()
//	info, err := f.Stat()
func (o *operands) failsNext(x ast.Expr) bool {
	list, i := o.List(o.site.Site)
	if o.opts.Native || i+1 >= len(list) {
		return false
	}
	call := firstCall(list[i+1])
	if call == nil || !o.allNamed(call.Args) {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && o.info.Selections[sel] != nil && o.samePlace(sel.X, x)
}

// firstCall returns the call that s makes before it does anything else, where s is a call,
// assigns its results to variables, or begins with such an assignment; else nil.
func firstCall(s ast.Stmt) *ast.CallExpr {
	var x ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		x = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 && !slices.ContainsFunc(s.Lhs, func(x ast.Expr) bool { return !isIdent(x) }) {
			x = s.Rhs[0]
		}
	case *ast.IfStmt:
		return firstCall(s.Init)
	case *ast.SwitchStmt:
		return firstCall(s.Init)
	}
	call, _ := ast.Unparen(x).(*ast.CallExpr)
	return call
}

// samePlace reports whether x and y are the same variable, or the same field of it.
func (o *operands) samePlace(x, y ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		id, ok := ast.Unparen(y).(*ast.Ident)
		return ok && o.info.ObjectOf(id) != nil && o.info.ObjectOf(id) == o.info.ObjectOf(x)
	case *ast.SelectorExpr:
		sel, ok := ast.Unparen(y).(*ast.SelectorExpr)
		if !ok || o.info.ObjectOf(sel.Sel) != o.info.ObjectOf(x.Sel) {
			return false
		}
		_, isMember := o.info.Selections[x]
		return !isMember || o.samePlace(x.X, sel.X)
	}
	return false
}
