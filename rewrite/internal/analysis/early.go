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
// Where that may be, these are all variables whose initialiser is no constant. inOrder
// reports that functions run only when the variables that they name have their values, as Go
// sees to where one function calls the other by its name.
func early(pkg *syntax.Package) (late map[*types.Var]bool, inOrder bool) {
	s := &starts{pkg: pkg, decls: map[*types.Func]*ast.FuncDecl{}, methods: map[string][]*types.Func{}, seen: map[ast.Node]bool{}}
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
		return late, false
	}
	return nil, !s.dynamic
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
	dynamic bool       // it calls such values, or methods of interfaces
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
		case *ast.RangeStmt: // perhaps over a function
			if _, ok := Under(s.pkg.Info.TypeOf(n.X)).(*types.Signature); ok {
				s.dynamic = true
			}
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
	switch {
	case s.pkg.Starts[fn.Name()]:
		return true // as it is in another build
	case len(bodies) > 0 || !slices.ContainsFunc(call.Args, s.carries):
		return false
	}
	// It calls what it was given, and methods of that.
	s.dynamic = true
	for _, methods := range s.methods {
		for _, fn := range methods {
			s.called = append(s.called, s.bodies(fn)...)
		}
	}
	return fn.Pkg() == nil || !calm[fn.Pkg().Path()] || startsAny[fn.Name()]
}

// calm are packages of the standard library whose functions call what they are given at once
// or never, but for those that startsAny names.
var calm = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "errors": true, "expvar": true, "flag": true, "fmt": true, "io": true,
	"encoding/base64": true, "encoding/binary": true, "encoding/gob": true, "encoding/hex": true, "encoding/json": true,
	"html/template": true, "log": true, "log/slog": true, "maps": true, "reflect": true, "regexp": true, "slices": true,
	"sort": true, "strconv": true, "strings": true, "sync": true, "sync/atomic": true, "text/template": true, "time": true,
	"unicode": true,
}

var startsAny = map[string]bool{"AfterFunc": true, "Go": true}

// carries reports whether x may hold a function of the package, or a value that has methods
// of it.
func (s *starts) carries(x ast.Expr) bool {
	return s.holdsCode(s.pkg.Info.TypeOf(x), map[types.Type]bool{})
}

func (s *starts) holdsCode(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	named, _ := types.Unalias(t).(*types.Named)
	own := named != nil && named.Obj().Pkg() == s.pkg.Types
	if own && named.NumMethods() > 0 {
		return true
	}
	switch u := Under(t).(type) {
	case *types.Basic:
		return false
	case *types.Pointer:
		return s.holdsCode(u.Elem(), seen)
	case *types.Slice:
		return s.holdsCode(u.Elem(), seen)
	case *types.Array:
		return s.holdsCode(u.Elem(), seen)
	case *types.Chan:
		return s.holdsCode(u.Elem(), seen)
	case *types.Map:
		return s.holdsCode(u.Key(), seen) || s.holdsCode(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if (f.Exported() || f.Pkg() == s.pkg.Types) && s.holdsCode(f.Type(), seen) {
				return true
			}
		}
		return false
	}
	return true // functions, interfaces, type parameters
}

// bodies returns those of fn: of all methods with its name, if it is one of an
// interface.
func (s *starts) bodies(fn *types.Func) (list []ast.Node) {
	all := []*types.Func{fn.Origin()}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		all, s.dynamic = s.methods[fn.Name()], true
	}
	for _, fn := range all {
		if d := s.decls[fn]; d != nil && d.Body != nil {
			list = append(list, d.Body)
		}
	}
	return list
}

// StartedIn adds to names the functions of a file that may start a goroutine, and "" where
// its initialisers may.
func StartedIn(file *ast.File, names map[string]bool) {
	if !Has[*ast.GoStmt](file) {
		return
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = true
		case *ast.GenDecl:
			if d.Tok == token.VAR && Has[*ast.CallExpr](d) {
				names[""] = true
			}
		}
	}
}
