package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// early returns the variables of the package that a function of it may see without
// their value. The initialisers of the package run one after the other, and one of them
// may start a goroutine, which goes on while the others run:
//
//	var x = open(t{})        // func open(i interface{ get() int }) int { go i.get(); … }
//
// Where that may be, these are all variables whose initialiser is no constant.
func early(pkg *syntax.Package) map[*types.Var]bool {
	s := &starts{pkg: pkg, decls: map[*types.Func]*ast.FuncDecl{}, methods: map[string][]*types.Func{}, seen: map[ast.Node]bool{}}
	late := map[*types.Var]bool{}
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
	if !s.run() {
		clear(late)
	}
	return late
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
	called  []ast.Node // code that runs
	named   []ast.Node // the bodies of functions and literals that are values somewhere in it
	dynamic bool       // it calls such values
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
	for !found {
		list := &s.called
		if len(*list) == 0 && s.dynamic {
			list = &s.named
		}
		last := len(*list) - 1
		if last < 0 {
			return false
		}
		n := (*list)[last]
		if *list = (*list)[:last]; !s.seen[n] {
			s.seen[n] = true
			found = s.visit(n)
		}
	}
	return true
}

// visit reports whether n starts a goroutine, and notes what else runs with it.
func (s *starts) visit(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			found = found || s.call(n)
		case *ast.FuncLit:
			s.named = append(s.named, n.Body)
			return false
		case *ast.Ident:
			if fn, ok := s.pkg.Info.Uses[n].(*types.Func); ok {
				s.named = append(s.named, s.bodies(fn)...)
			}
		}
		return !found
	})
	return found
}

// call reports whether call may start a goroutine that runs code of the package.
func (s *starts) call(call *ast.CallExpr) bool {
	fun := ast.Unparen(call.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok {
		s.called = append(s.called, lit.Body)
		return false
	}
	if tv := s.pkg.Info.Types[fun]; tv.IsType() || tv.IsBuiltin() {
		return false
	}
	fn, ok := typeutil.Callee(s.pkg.Info, call).(*types.Func)
	if !ok {
		s.dynamic = true
		return false
	}
	bodies := s.bodies(fn)
	s.called = append(s.called, bodies...)
	if len(bodies) > 0 || !s.gives(call) {
		return false
	}
	s.dynamic = true
	return fn.Pkg() == nil || !standard(fn.Pkg().Path()) || startsAny[fn.Name()]
}

// startsAny are functions and methods of the standard library that call what they are given in a
// goroutine of its own.
var startsAny = map[string]bool{"AfterFunc": true, "Go": true, "AddCleanup": true, "SetFinalizer": true}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// bodies returns those of fn: of all methods with its name, if it is one of an
// interface.
func (s *starts) bodies(fn *types.Func) (list []ast.Node) {
	all := []*types.Func{fn.Origin()}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		all = s.methods[fn.Name()]
	}
	for _, fn := range all {
		if d := s.decls[fn]; d != nil && d.Body != nil {
			list = append(list, d.Body)
		}
	}
	return list
}

// gives reports whether an argument of call is a function, or has methods of the package.
func (s *starts) gives(call *ast.CallExpr) bool {
	for _, a := range call.Args {
		t := s.pkg.Info.TypeOf(a)
		if _, ok := Under(t).(*types.Signature); ok {
			return true
		}
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() == s.pkg.Types && named.NumMethods() > 0 {
			return true
		}
	}
	return false
}
