package nopanic

import (
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// Timers and tickers: time.NewTicker panics unless its argument is positive, and a Timer that the
// package did not make panics when it is stopped.
//
//	timer := time.NewTimer(timeout)
//	defer timer.Stop()

// makesTimer reports whether x makes a timer or ticker, which is not nil.
func (k *known) makesTimer(x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := typeutil.StaticCallee(k.info, call)
	if fn == nil {
		return false
	}
	switch fn.FullName() {
	case "time.NewTimer", "time.AfterFunc", "time.NewTicker":
		return true
	}
	return false
}

// isTimerCall reports whether x, a call of fn, is one of package time that neither panics nor calls
// Goexit: it makes a timer, or stops one that is known to be made.
func (w *walker) isTimerCall(x *ast.CallExpr, fn *types.Func, sel *ast.SelectorExpr) bool {
	switch fn.FullName() {
	case "time.NewTimer", "time.AfterFunc":
		return true
	case "time.NewTicker":
		period := w.info.Types[x.Args[0]].Value
		return period != nil && constant.Sign(period) > 0
	case "(*time.Timer).Stop":
		v := w.variable(sel.X)
		return v != nil && w.timers[v] && w.onlyStopped(v)
	case "(*time.Ticker).Stop":
		v := w.variable(sel.X)
		return v != nil && w.knows(v)
	}
	return false
}

// onlyStopped reports whether nobody gets at the timer in v but by v.Stop, v.Reset and v.C, so that it
// remains what package time has made.
func (w *walker) onlyStopped(v *types.Var) bool {
	uses, known := 0, 0
	ast.Inspect(w.file.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if w.info.Uses[n] == types.Object(v) {
				uses++
			}
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && w.info.Uses[id] == types.Object(v) && (n.Sel.Name == "Stop" || n.Sel.Name == "Reset" || n.Sel.Name == "C") {
				known++
			}
		}
		return true
	})
	return uses == known
}
