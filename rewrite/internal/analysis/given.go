package analysis

import (
	"go/ast"
	"go/types"
	"strings"
)

// What an initialiser gives to another package that one may call, perhaps in a goroutine, before the
// variables of the package have their values. See starts.

// shares notes that x has a type of another package, which is no struct, and may hold code of this one:
// a function type, a slice of interfaces.
//
//	dep.Task(f).Go()
func (s *starts) shares(x ast.Expr) {
	tv := s.pkg.Info.Types[x]
	t, ok := types.Unalias(tv.Type).(*types.Named)
	if !ok || !tv.IsValue() || t.Obj().Pkg() == s.pkg.Types {
		return
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Interface, *types.Basic, *types.Pointer:
	default:
		if s.carries(x) {
			s.wrapped[t.Obj()] = true
		}
	}
}

// use notes what is called or stored later by way of id, and what id gives to another package
// as a type argument.
func (s *starts) use(id *ast.Ident) {
	obj := s.pkg.Info.Uses[id]
	if obj == nil {
		return
	}
	if fn, ok := obj.(*types.Func); ok {
		s.named = append(s.named, s.bodies(fn)...)
	}
	if obj.Pkg() == s.pkg.Types {
		return
	}
	switch obj.(type) {
	case *types.Func:
		s.foreign = s.foreign || !s.direct[id]
	case *types.Var:
		s.got(obj.Type(), obj.Pkg())
	}
	args := s.pkg.Info.Instances[id].TypeArgs
	for i := range args.Len() {
		if s.holdsCode(args.At(i), map[types.Type]bool{}) {
			s.handed(obj.Pkg(), obj.Name())
		}
	}
}

// got notes what comes from another package.
func (s *starts) got(t types.Type, from *types.Package) {
	if !s.holdsCode(t, map[types.Type]bool{}) {
		return
	}
	switch u := Under(t).(type) {
	case *types.Map:
		s.refs = true
		s.got(u.Elem(), from)
	case *types.Slice:
		s.refs = true
		s.got(u.Elem(), from)
	case *types.Chan:
		s.refs = true
		s.got(u.Elem(), from)
	case *types.Array:
		s.got(u.Elem(), from)
	case *types.Pointer:
		switch Under(u.Elem()).(type) {
		case *types.Signature, *types.Interface, *types.Map, *types.Slice, *types.Array:
			s.refs = true
			s.got(u.Elem(), from)
		}
	case *types.Signature:
		s.foreign = true
	case *types.Interface:
		s.alien = s.alien || from != nil && !standard[strings.Split(from.Path(), "/")[0]] && !types.Identical(t, types.Universe.Lookup("error").Type())
	case *types.Tuple:
		for v := range u.Variables() {
			s.got(v.Type(), from)
		}
	}
}

// store notes that another package may call what is stored in x:
//
//	http.DefaultTransport = t
//	cmd.Stdout = out
//	handlers["/"] = h         // if another package gave this one a map of handlers
func (s *starts) store(x ast.Expr) {
	if x == nil || !s.carries(x) {
		return
	}
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.Ident:
			s.storeIn(s.pkg.Info.Uses[e])
			return
		case *ast.SelectorExpr:
			if s.storeIn(s.pkg.Info.Uses[e.Sel]) {
				return
			}
			x = e.X
		case *ast.IndexExpr:
			s.stores = true
			x = e.X
		case *ast.StarExpr:
			if t, ok := types.Unalias(s.pkg.Info.TypeOf(e)).(*types.Named); ok && s.storeIn(t.Obj()) {
				return
			}
			s.stores = true
			x = e.X
		case *ast.CallExpr:
			s.stores = true
			return
		default:
			return
		}
	}
}

// storeIn reports whether another package declares obj, what is stored in which it may call.
func (s *starts) storeIn(obj types.Object) bool {
	if obj == nil || obj.Pkg() == s.pkg.Types {
		return false
	}
	s.handed(obj.Pkg(), obj.Name())
	return true
}

// wrap notes that lit is a struct of another package with code of this one in it:
//
//	&io.LimitedReader{R: table{}, N: 3}
func (s *starts) wrap(lit *ast.CompositeLit) {
	t, named := types.Unalias(s.pkg.Info.TypeOf(lit)).(*types.Named)
	if named && t.Obj().Pkg() == s.pkg.Types {
		return
	}
	for _, x := range lit.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			x = kv.Value
		}
		switch {
		case !s.carries(x):
		case named:
			s.wrapped[t.Obj()] = true
		default: // it may become a struct of another package when it is assigned
			s.unnamed = true
		}
	}
}

// unwrap hands over what wrap noted where a method of it may be called.
func (s *starts) unwrap() {
	s.found = s.found || s.unnamed && (s.dynamic || len(s.received) > 0)
	for t := range s.wrapped {
		if s.dynamic || s.received[t] {
			delete(s.wrapped, t)
			s.handed(t.Pkg(), t.Name())
		}
	}
}

// handed notes that code of the package was given to another one, which calls it and methods
// of it, perhaps in a goroutine.
func (s *starts) handed(to *types.Package, name string) {
	s.dynamic = true
	for _, methods := range s.methods {
		for _, fn := range methods {
			s.called = append(s.called, s.bodies(fn)...)
		}
	}
	s.found = s.found || to == nil || !calm[to.Path()] || startsAny[name]
}

// isForeign reports whether x has methods of a package that may start goroutines.
func (s *starts) isForeign(x ast.Expr) bool {
	named := namedOf(s.pkg.Info.TypeOf(x))
	if named == nil || types.IsInterface(named) {
		return false
	}
	pkg := named.Obj().Pkg()
	return pkg != nil && pkg != s.pkg.Types && !calm[pkg.Path()] && types.NewMethodSet(types.NewPointer(named)).Len() > 0
}

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
	if named != nil {
		for arg := range named.TypeArgs().Types() {
			if s.holdsCode(arg, seen) {
				return true
			}
		}
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
