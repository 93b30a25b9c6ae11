package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// sentinels are error variables of the standard library, which declares them and assigns to
// none of them again.
var sentinels = map[string]bool{
	"context.Canceled": true, "context.DeadlineExceeded": true,
	"database/sql.ErrConnDone": true, "database/sql.ErrNoRows": true, "database/sql.ErrTxDone": true,
	"errors.ErrUnsupported": true,
	"io.EOF":                true, "io.ErrClosedPipe": true, "io.ErrNoProgress": true,
	"io.ErrShortBuffer": true, "io.ErrShortWrite": true, "io.ErrUnexpectedEOF": true,
	"io/fs.ErrClosed": true, "io/fs.ErrExist": true, "io/fs.ErrInvalid": true,
	"io/fs.ErrNotExist": true, "io/fs.ErrPermission": true,
	"net.ErrClosed":            true,
	"net/http.ErrServerClosed": true,
	"os.ErrClosed":             true, "os.ErrDeadlineExceeded": true, "os.ErrExist": true, "os.ErrInvalid": true,
	"os.ErrNotExist": true, "os.ErrPermission": true, "os.ErrProcessDone": true,
}

// quiet are functions that people defer most, and that run no code but their own.
var quiet = map[string]bool{
	"(*os.File).Close": true, "(*sync.Mutex).Unlock": true, "(*sync.RWMutex).RUnlock": true,
	"(*sync.RWMutex).Unlock": true, "(*sync.WaitGroup).Done": true,
}

// isQuiet reports whether fn, nil if it is not known, is such a function, or one of the same file, which
// all builds have that have the caller, that calls no others and assigns to no interface:
//
//	func (r *results) add(n int64) { atomic.AddInt64(&r.n, n) }
func (d *draft) isQuiet(fn *types.Func) bool {
	if fn == nil || quiet[fn.FullName()] {
		return fn != nil
	}
	for _, decl := range d.Unit.File.Syntax.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil && d.info.Defs[f.Name] == types.Object(fn.Origin()) {
			return d.onlyQuiet(f.Body, func(fn *types.Func) bool { return fn != nil && quiet[fn.FullName()] })
		}
	}
	return false
}

// onlyQuiet reports whether body runs no code but its own and that of functions that are quiet, waits
// for nobody, and assigns to no interface.
func (d *draft) onlyQuiet(body *ast.BlockStmt, isQuiet func(*types.Func) bool) bool {
	ok := true
	assigns := func(x ast.Expr) {
		if x != nil {
			t := d.info.TypeOf(x)
			ok = ok && t != nil && !analysis.IsInterface(t) && !analysis.IsTypeParam(t) && !analysis.IsStructOrArray(t)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt, *ast.SelectStmt:
			ok = false
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.ARROW
		case *ast.RangeStmt:
			switch analysis.Under(d.info.TypeOf(n.X)).(type) {
			case *types.Signature, *types.Chan, *types.Interface:
				ok = false
			}
			assigns(n.Key)
			assigns(n.Value)
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				assigns(x)
			}
		case *ast.CallExpr:
			ok = ok && d.callsQuiet(n, isQuiet)
		}
		return ok
	})
	return ok
}

// callsQuiet reports whether call converts, calls a builtin function that changes nothing, a
// quiet function, or one of sync/atomic.
func (d *draft) callsQuiet(call *ast.CallExpr, isQuiet func(*types.Func) bool) bool {
	if d.info.Types[call.Fun].IsType() {
		return true
	}
	switch analysis.BuiltinName(d.info, call) {
	case "len", "cap", "make", "new", "min", "max":
		return true
	}
	fn := typeutil.StaticCallee(d.info, call)
	return fn != nil && (fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" || isQuiet(fn))
}
