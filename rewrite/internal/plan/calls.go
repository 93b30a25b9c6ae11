package plan

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// planCalls plans how the call of each site is written where its entry runs.
func planCalls(d *draft) {
	for _, s := range d.Sites {
		o := newOperands(d, s)
		o.plan()
		o.captureNoInduction()
	}
}

// plan plans the call. A site whose defer statement stays, or whose entries never
// run, has an empty Call.
func (o *operands) plan() {
	s := o.site
	c := &Call{}
	s.Call = c
	if s.Strategy.Stays || s.Strategy.Never {
		return
	}
	call := s.Stmt.Call
	c.Spread = len(call.Args) == 1 && isTuple(o.info.TypeOf(call.Args[0]))
	o.callee()
	o.arguments()
	if c.NilCheck != nil && !o.opts.Native && o.predeclared("nil") && !c.Spread && o.allNamed(call.Args) {
		c.CallNil = !analysis.Has[*ast.CompositeLit](c.NilCheck) // it would end the header of an if statement
	}
	if c.Lift != nil {
		for _, v := range c.Lift.Vars {
			if !v.Again {
				c.Temps = append(c.Temps, v)
			}
		}
	}
	if c.Recv != nil {
		c.Temps = append(c.Temps, c.Recv)
	}
	if c.Fun != nil {
		c.Temps = append(c.Temps, c.Fun)
	}
	for _, a := range c.Args {
		c.Temps = append(c.Temps, a.Temps()...)
	}
	o.declare()
}

// captureNoInduction plans the call once more where a thunk makes it, and captures
// the induction variable of a loop that all iterations share: until go 1.22, it would
// have its last value by the time the thunk runs, so it is saved.
func (o *operands) captureNoInduction() {
	s := o.site
	if s.Call.Thunk == nil || s.Records == nil || s.Records.Iterations == nil || o.goAtLeast("go1.22") {
		return
	}
	s.noInduction = true
	o.plan()
	o.thunk()
}

// callee plans what is called, by the kind of the callee: a literal, a function, a
// function value, a method, or the method of an interface.
func (o *operands) callee() {
	s := o.site
	c, callee := s.Call, s.Callee
	switch callee.Kind {
	case analysis.Literal:
		if c.Lift = o.lift(); c.Lift != nil {
			return
		}
		if c.Inline = s.inline; c.Inline {
			s.because(InPlace)
			return
		}
		c.Fun = &Temp{Hint: literalHint(o.info, callee.Lit), Type: o.info.TypeOf(callee.Lit), Value: Value{Expr: callee.Fun, Lit: callee.Lit}}
	case analysis.Builtin, analysis.CFunction:
		if !o.namesVisible(callee.Fun, o.at) {
			o.thunk()
		}
	case analysis.Function:
		switch {
		case o.namesVisible(callee.Fun, o.at):
		case inferred(o.info, callee.Fun):
			o.thunk()
		default:
			c.Fun = &Temp{Hint: exprHint(callee.Fun, "deferred"), Type: callee.Sig, Value: Value{Expr: callee.Fun}}
		}
	case analysis.Value:
		if !o.stable(callee.Fun) || lostCancel(o.draft, s, callee.Fun) {
			c.Fun = &Temp{Hint: exprHint(callee.Fun, "deferred"), Type: o.info.TypeOf(callee.Fun), Value: Value{Expr: callee.Fun}}
		}
	case analysis.Method:
		o.method()
	case analysis.Interface:
		o.ifaceMethod()
	}
}

// arguments plans each argument: written again, or saved. g(f()) saves the results of
// f.
func (o *operands) arguments() {
	s := o.site
	c, call := s.Call, s.Stmt.Call
	if c.Spread {
		tuple := o.info.TypeOf(call.Args[0]).(*types.Tuple)
		for i := range tuple.Len() {
			c.Args = append(c.Args, Arg{Temp: &Temp{Hint: cmp.Or(paramHint(s.Callee.Sig, i), valueHint(tuple.At(i).Type())), Type: tuple.At(i).Type()}})
		}
		c.FunFirst = hasCall(call.Fun)
		return
	}
	if s.Callee.Kind == analysis.CFunction {
		o.cArguments()
		return
	}
	c.FunFirst = s.Callee.Kind == analysis.Value && hasCall(call.Fun) && slices.ContainsFunc(call.Args, hasCall)
	for i, x := range call.Args {
		arg := Arg{Expr: x}
		switch inner := pointerConversion(o.info, x); {
		case o.info.Types[x].IsType() || o.stable(x): // new(T) and the like
		case inner != nil:
			arg.Parts = []Part{{inner, temp(o.info, inner, "ptr"), Plain}}
		case inferred(o.info, x):
			o.thunk()
		default:
			name := paramHint(s.Callee.Sig, i)
			hint := exprHint(x, cmp.Or(name, valueHint(o.info.TypeOf(x))))
			if s.Callee.Kind == analysis.Literal && name != "" {
				hint = name // the reader sees it next to its use
			}
			arg.Temp = &Temp{Hint: hint, Type: o.info.TypeOf(x), Value: Value{Expr: x}}
		}
		c.Args = append(c.Args, arg)
		o.box(arg.Temp)
	}
}
