package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// early returns the variables of the package that may get their value while a function of
// it runs. The initialisers of the package run one after the other, and one of them
// may start a goroutine or a coroutine, which goes on while the others run:
//
//	var x = open(t{})        // func open(i interface{ get() int }) int { go i.get(); … }
//
// Where that may be, these are all variables whose initialiser is no constant.
func early(pkg *syntax.Package) (late map[*types.Var]bool) {
	s := &starts{
		pkg: pkg, decls: map[*types.Func]*ast.FuncDecl{}, methods: map[string][]*types.Func{}, seen: map[ast.Node]bool{},
		direct: map[*ast.Ident]bool{}, wrapped: map[*types.TypeName]bool{}, received: map[*types.TypeName]bool{},
	}
	late = map[*types.Var]bool{}
	for _, f := range pkg.Files {
		for _, d := range f.Syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				s.declare(d)
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					s.called = append(s.called, initialisers(pkg.Info, d, late)...)
				}
			}
		}
	}
	if pkg.Starts[""] || s.run() {
		return late
	}
	return nil
}

// initialisers returns those of d that are no constants, and adds the variables that have
// them to late.
func initialisers(info *types.Info, d *ast.GenDecl, late map[*types.Var]bool) (list []ast.Node) {
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		for i, id := range spec.Names {
			if len(spec.Values) == 0 || i < len(spec.Values) && info.Types[spec.Values[i]].Value != nil {
				continue
			}
			if v, ok := info.Defs[id].(*types.Var); ok {
				late[v] = true
			}
		}
		for _, x := range spec.Values {
			list = append(list, x)
		}
	}
	return list
}

// starts looks for what may start a goroutine in code that runs, and in the
// functions of the package that it calls.
type starts struct {
	pkg     *syntax.Package
	decls   map[*types.Func]*ast.FuncDecl
	methods map[string][]*types.Func
	seen    map[ast.Node]bool
	called  []ast.Node          // code that runs
	named   []ast.Node          // the bodies of functions and literals that are values somewhere in it
	direct  map[*ast.Ident]bool // the names of functions in calls

	// Types of other packages: those in which the code puts functions, and those of which it calls
	// methods.
	wrapped, received map[*types.TypeName]bool

	found   bool // it may start a goroutine
	unnamed bool // it puts code into a struct without a name
	alien   bool // it gets interfaces from packages that may start goroutines
	lends   bool // it gives others, which start none, code with what may be such an interface
	dynamic bool // it calls values, or methods of interfaces
	refs    bool // it gets at what other packages keep functions in: a map, a pointer
	stores  bool // it stores a function in what may be that
	foreign bool // it has functions of other packages as values
	passes  bool // it calls values with what holds code
}

func (s *starts) declare(d *ast.FuncDecl) {
	fn, ok := s.pkg.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return
	}
	s.decls[fn] = d
	if d.Recv != nil {
		s.methods[fn.Name()] = append(s.methods[fn.Name()], fn)
	}
}

func (s *starts) run() (found bool) {
	for !s.found {
		n := s.next()
		if n == nil {
			return s.found || s.refs && s.stores || s.foreign && s.passes || s.alien && s.lends
		}
		if !s.seen[n] {
			s.seen[n] = true
			s.visit(n)
		}
	}
	return true
}

// next returns code that runs, nil when there is no more.
func (s *starts) next() (n ast.Node) {
	if len(s.called) == 0 {
		s.unwrap()
	}
	list := &s.called
	if len(*list) == 0 && s.dynamic {
		list = &s.named
	}
	if last := len(*list) - 1; last >= 0 {
		n, *list = (*list)[last], (*list)[:last]
	}
	return n
}

// visit looks whether n starts a goroutine, and notes what else runs with it.
func (s *starts) visit(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			s.found = true
		case *ast.CallExpr:
			s.call(n)
		case *ast.RangeStmt: // perhaps over a function
			if _, ok := Under(s.pkg.Info.TypeOf(n.X)).(*types.Signature); ok {
				s.dynamic = true
			}
			if n.Tok == token.ASSIGN {
				s.store(n.Key)
				s.store(n.Value)
			}
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				if n.Tok == token.ASSIGN {
					s.store(x)
				}
			}
		case *ast.SendStmt:
			s.stores = s.stores || s.carries(n.Value)
			s.store(n.Chan)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				s.store(n.X)
			}
		case *ast.CompositeLit:
			s.wrap(n)
		case *ast.FuncLit:
			s.named = append(s.named, n.Body)
			return false
		case *ast.Ident:
			s.use(n)
		}
		if x, ok := n.(ast.Expr); ok {
			s.shares(x)
		}
		return !s.found
	})
}

// call notes what call runs.
func (s *starts) call(call *ast.CallExpr) {
	fun := ast.Unparen(call.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok {
		s.called = append(s.called, lit.Body)
		return
	}
	tv := s.pkg.Info.Types[fun]
	gives := slices.ContainsFunc(call.Args, s.carries)
	if tv.IsType() {
		if t, ok := types.Unalias(tv.Type).(*types.Named); ok && gives && t.Obj().Pkg() != s.pkg.Types {
			s.wrapped[t.Obj()] = true
		}
		return
	}
	if tv.IsBuiltin() {
		s.stores = s.stores || gives // by copy
		return
	}
	fn, ok := typeutil.Callee(s.pkg.Info, call).(*types.Func)
	if !ok {
		s.dynamic, s.passes = true, s.passes || gives
		return
	}
	s.direct[calleeName(fun)] = true
	bodies := s.bodies(fn)
	s.called = append(s.called, bodies...)
	switch {
	case s.pkg.Starts[fn.Name()]:
		s.found = true // as it is in another build
	case gives && (len(bodies) == 0 || isInterfaces(fn)):
		s.handed(fn.Pkg(), fn.Name())
		s.lends = true
		s.found = s.found || slices.ContainsFunc(call.Args, s.isForeign) // it calls methods of that with the rest
	case fn.Pkg() != s.pkg.Types:
		if t := receiver(fn); t != nil {
			s.received[t] = true
		}
		s.got(s.pkg.Info.TypeOf(call), fn.Pkg())
	}
}

// calleeName returns the name of the function in fun, which typeutil.Callee knows.
func calleeName(fun ast.Expr) *ast.Ident {
	switch x := ast.Unparen(fun).(type) {
	case *ast.IndexExpr:
		return calleeName(x.X)
	case *ast.IndexListExpr:
		return calleeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel
	case *ast.Ident:
		return x
	}
	return nil
}

// receiver returns the type of which fn is a method, nil if it is a function.
func receiver(fn *types.Func) *types.TypeName {
	if recv := fn.Signature().Recv(); recv != nil {
		if named := namedOf(recv.Type()); named != nil {
			return named.Obj()
		}
	}
	return nil
}

// namedOf returns the type that t is, or points to, if it has a name; else nil.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// isInterfaces reports whether fn is a method of an interface.
func isInterfaces(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// bodies returns those of fn: of all methods with its name, if it is one of an
// interface.
func (s *starts) bodies(fn *types.Func) (list []ast.Node) {
	all := []*types.Func{fn.Origin()}
	if isInterfaces(fn) {
		all, s.dynamic = s.methods[fn.Name()], true
	}
	for _, fn := range all {
		if d := s.decls[fn]; d != nil && d.Body != nil {
			list = append(list, d.Body)
		}
	}
	return list
}
