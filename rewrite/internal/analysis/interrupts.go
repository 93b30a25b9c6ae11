package analysis

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// Interrupts are the interrupt handlers of a package, and the calls in it by
// which they may reach other functions.
type Interrupts struct {
	Handlers []string           // by name, in the order of the source
	Funcs    map[string]*Caller // by name: declared functions, and literals that are handlers
	Outside  map[string]*types.Func
}

// A Caller is a function with a body.
type Caller struct {
	From, To token.Position
	Calls    []string    // names of what it calls, its literals included
	Func     *types.Func // nil for a literal
}

// NewInterrupts returns the Interrupts of a package that has none.
func NewInterrupts() *Interrupts {
	return &Interrupts{Funcs: map[string]*Caller{}, Outside: map[string]*types.Func{}}
}

// exportedHandler matches the names by which a vector table finds its handlers.
var exportedHandler = regexp.MustCompile(`(?i)(handler|isr|irq)$|^__vector_`)

// FindInterrupts finds what TinyGo takes for an interrupt handler, as far as the
// source shows it:
//
//	//go:interrupt
//	//export TIMER0_IRQHandler
//	interrupt.New(x.IRQ_UART, handle)
//	pin.SetInterrupt(machine.PinFalling, func(machine.Pin) { ... })
//
// A call of a function value, or of a method of an interface, is not followed.
func FindInterrupts(p *syntax.Package) *Interrupts {
	in := NewInterrupts()
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				in.calls(p, d)
				continue
			}
			name := fn.Name.Name
			obj, ok := p.Info.Defs[fn.Name].(*types.Func)
			if ok {
				name = obj.FullName()
			}
			if isHandler(fn.Doc) {
				in.Handlers = append(in.Handlers, name)
			}
			if fn.Body != nil {
				in.Funcs[name] = &Caller{p.Fset.Position(d.Pos()), p.Fset.Position(d.End()), in.calls(p, fn.Body), obj}
			}
		}
	}
	return in
}

// isHandler reports whether a function with this comment is a handler.
func isHandler(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		words := strings.Fields(c.Text)
		switch words[0] {
		case "//go:interrupt":
			return true
		case "//export", "//go:export":
			if len(words) > 1 && exportedHandler.MatchString(words[1]) {
				return true
			}
		}
	}
	return false
}

// calls returns what n calls, and adds to in what becomes a handler in it.
func (in *Interrupts) calls(p *syntax.Package, n ast.Node) (names []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fn, ok := typeutil.Callee(p.Info, call).(*types.Func)
		if !ok {
			return true
		}
		name := in.name(p, fn)
		names = append(names, name)
		switch name {
		case "runtime/interrupt.New", "(machine.Pin).SetInterrupt":
			if len(call.Args) == 2 {
				in.handler(p, call.Args[1])
			}
		}
		return true
	})
	return names
}

// handler adds the function, method or literal x to the handlers.
func (in *Interrupts) handler(p *syntax.Package, x ast.Expr) {
	var id *ast.Ident
	switch x := ast.Unparen(x).(type) {
	case *ast.FuncLit:
		at := p.Fset.Position(x.Pos())
		name := fmt.Sprintf("of package %s at %s:%d:%d", p.Path, filepath.Base(at.Filename), at.Line, at.Column)
		in.Funcs[name] = &Caller{p.Fset.Position(x.Pos()), p.Fset.Position(x.End()), in.calls(p, x.Body), nil}
		in.Handlers = append(in.Handlers, name)
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	}
	if id == nil {
		return
	}
	if fn, ok := p.Info.Uses[id].(*types.Func); ok {
		in.Handlers = append(in.Handlers, in.name(p, fn))
	}
}

// name returns the name of fn, and remembers it if fn is of another package.
func (in *Interrupts) name(p *syntax.Package, fn *types.Func) string {
	fn = fn.Origin()
	if fn.Pkg() != nil && fn.Pkg() != p.Types {
		in.Outside[fn.FullName()] = fn
	}
	return fn.FullName()
}

// Add adds what another package has.
func (in *Interrupts) Add(other *Interrupts) {
	in.Handlers = append(in.Handlers, other.Handlers...)
	for name, c := range other.Funcs {
		in.Funcs[name] = c
	}
	for name, fn := range other.Outside {
		in.Outside[name] = fn
	}
}

// A Reach is how a handler reaches a function.
type Reach struct {
	Handler string
	Via     string // the function of a package that is not rewritten by which it does; "" for none, and for that itself
}

// Reached returns the functions that handlers reach, themselves included, each
// with one way. outside returns what a function calls that is in Outside; nil
// where that is not known, or does not matter.
func (in *Interrupts) Reached(outside func(name string) *Caller) map[string]Reach {
	reached := map[string]Reach{}
	var visit func(name string, r Reach, rewritten bool)
	visit = func(name string, r Reach, rewritten bool) {
		if _, ok := reached[name]; ok {
			return
		}
		reached[name] = r
		c := in.Funcs[name]
		if c == nil {
			if c = outside(name); c != nil && rewritten {
				r.Via = name
			}
			rewritten = false
		}
		if c == nil {
			return
		}
		for _, callee := range c.Calls {
			visit(callee, r, rewritten)
		}
	}
	for _, h := range in.Handlers {
		visit(h, Reach{Handler: h}, true)
	}
	return reached
}
