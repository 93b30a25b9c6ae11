package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Call says how the call of a site is written where its entry runs: "Operands" in
// ../../doc.go. Go evaluates function value, receiver and arguments at the site. What
// could be another value by the time of the call is saved there, in Temps; the rest
// is written again:
//
//	defer f.Close()     // f never changes     f.Close()
//	defer log(i)        // i changes           i1 := i ... log(i1)
type Call struct {
	Fun      *Temp    // nil: written again, or lifted
	Lift     *Lift    // of a literal in a loop; nil where it stays
	Inline   bool     // the body of the literal is written instead of a call
	Recv     *Temp    // receiver of a method; nil: written again, or part of Fun
	Args     []Arg    // one for each argument, or for each result of f in g(f())
	Spread   bool     // g(f())
	FunFirst bool     // the function is saved before the arguments are evaluated, not with them
	InTurn   bool     // arguments of a C function are saved one after the other, as cgo does
	Temps    []*Temp  // those of Lift, Fun or Recv, then those of Args
	NilCheck ast.Expr // the method of an interface that may be nil, which panics at the site
	CallNil  bool     // the check calls the method; else it evaluates it
	Thunk    *Temp    // the whole call in a literal that is made at the site
}

// FuncName returns the name of the variable that holds what is called: "onExit" where
// the call is onExit().
func (c *Call) FuncName() string {
	if c.Thunk != nil {
		return c.Thunk.Name
	}
	return c.Fun.Name
}

// An Arg is one argument.
type Arg struct {
	Expr    ast.Expr // as written; for Spread nil
	Temp    *Temp    // nil: written again
	Parts   []Part   // what is saved of an argument that is written again
	Indexed bool     // it is &v[i], and i is evaluated behind v
	Check   *Check   // nil: evaluating it cannot panic, or it is saved
}

// AsWritten reports whether nothing of the argument is saved.
func (a Arg) AsWritten() bool { return a.Temp == nil && len(a.Parts) == 0 }

// HasLiteral reports whether the argument stands in the call with a function literal in it, which
// later.once has seen to stand there only.
func (a Arg) HasLiteral() bool { return a.AsWritten() && analysis.Has[*ast.FuncLit](a.Expr) }

// Temps returns what is saved of the argument: the whole of it, or its parts.
func (a Arg) Temps() (list []*Temp) {
	if a.Temp != nil {
		list = append(list, a.Temp)
	}
	for _, p := range a.Parts {
		list = append(list, p.Temp)
	}
	return list
}

// A Temp is a variable, or a field of a record, that holds an operand.
type Temp struct {
	Name     string
	Hint     string
	Type     types.Type
	TypeText string
	Field    string // in a record
	AtSite   bool   // declared at the site, by :=
	Again    bool   // not saved: the induction variable, which is computed again
	Value    Value
}

// Value is the expression that is saved.
type Value struct {
	Expr   ast.Expr
	Prefix token.Token  // AND or MUL before Expr, or ILLEGAL
	Path   string       // embedded fields behind it, ".a.B"
	Lit    *ast.FuncLit // Expr, if it is one
	Box    string       // an interface type that Expr is converted to, or ""

	Captured bool // Expr is an identifier inside the literal that captured it
}

// temp returns a new Temp for x, named after x, or else by the hint.
func temp(info *types.Info, x ast.Expr, otherwise string) *Temp {
	return &Temp{Hint: exprHint(x, otherwise), Type: info.TypeOf(x), Value: Value{Expr: x}}
}

// A Part is a piece of an argument that is saved. The rest of the argument is written
// again around it: of &k.buf, k.
type Part struct {
	Expr ast.Expr
	Temp *Temp
	As   Form
}

// A Form is how a saved part is written.
type Form int

const (
	Plain Form = iota // t
	Deref             // &*t, where t is an address: so cgo sees that it is one
	Whole             // t[:], where t is a slice
)

// A Check evaluates an address at the site, which panics there if a pointer is
// nil or an index out of range:
//
//	_ = &k.buf // panics here if k is nil
type Check struct {
	Addr   ast.Expr // in the argument
	What   ast.Expr // the pointer that may be nil, or the index
	Index  bool
	ByName bool // with the saved parts; otherwise as it was written
}

// A Lift moves the literal that a site in a loop defers out of the loop. A variable
// that the literal captured of one iteration, and that nothing changes any more,
// becomes a parameter, and its value is kept in the site's records:
//
//	for _, f := range files {
//		defer func() { log(f.Name(), f.Close()) }()
//	}
//
// needs no closure for each iteration:
//
//	onExit := func(f *os.File) { log(f.Name(), f.Close()) }
//	for _, f := range files {
//		fs = append(fs, f)
//	}
//	for len(fs) > 0 { ... onExit(f) }
type Lift struct {
	Name string  // of the variable that holds the literal
	Vars []*Temp // what it captured
}

// Apart reports whether the operands are saved in variables before they go into a
// record:
//
//	name1, size := name, stat(name)
//	entries = append(entries, entry{name: name1, size: size})
//
// Among the operands of one assignment, gc makes all calls before it reads variables;
// among the elements of a composite literal it does not. What a thunk captures is
// saved so, too.
func (c *Call) Apart() bool {
	if c.Spread || c.InTurn || c.Thunk != nil && len(c.Temps) > 0 {
		return true
	}
	for _, a := range c.Args {
		if a.Check != nil && a.Check.ByName {
			return true
		}
	}
	for _, t := range c.Temps {
		if len(c.Temps) > 1 && t.Value.Expr != nil && hasCall(t.Value.Expr) {
			return true
		}
	}
	return false
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
