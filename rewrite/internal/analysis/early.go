package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	recv := fn.Signature().Recv()
	if recv == nil {
		return nil
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj()
	}
	return nil
}

// isInterfaces reports whether fn is a method of an interface.
func isInterfaces(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// isForeign reports whether x has methods of a package that may start goroutines.
func (s *starts) isForeign(x ast.Expr) bool {
	t := types.Unalias(s.pkg.Info.TypeOf(x))
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok || types.IsInterface(t) {
		return false
	}
	pkg := named.Obj().Pkg()
	return pkg != nil && pkg != s.pkg.Types && !calm[pkg.Path()] && types.NewMethodSet(types.NewPointer(t)).Len() > 0
}

// calm are packages of the standard library whose functions call what they are given at once, or never,
// but for those that startsAny names.
var calm = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "errors": true, "expvar": true, "flag": true, "fmt": true, "io": true,
	"encoding/base64": true, "encoding/binary": true, "encoding/gob": true, "encoding/hex": true, "encoding/json": true,
	"html/template": true, "log": true, "log/slog": true, "maps": true, "os": true, "reflect": true, "regexp": true, "slices": true,
	"sort": true, "strconv": true, "strings": true, "sync": true, "sync/atomic": true, "text/template": true, "time": true,
	"unicode": true,
}

// standard are the first elements of the import paths of the standard library.
var standard = map[string]bool{
	"archive": true, "bufio": true, "bytes": true, "cmp": true, "compress": true, "container": true, "context": true, "crypto": true,
	"database": true, "debug": true, "embed": true, "encoding": true, "errors": true, "expvar": true, "flag": true, "fmt": true, "go": true,
	"hash": true, "html": true, "image": true, "index": true, "io": true, "iter": true, "log": true, "maps": true, "math": true, "mime": true,
	"net": true, "os": true, "path": true, "plugin": true, "reflect": true, "regexp": true, "runtime": true, "slices": true, "sort": true,
	"strconv": true, "strings": true, "structs": true, "sync": true, "syscall": true, "testing": true, "text": true, "time": true,
	"unicode": true, "unique": true, "unsafe": true, "weak": true,
}

// startsAny has functions of calm packages that start goroutines, that keep what they are given for
// others who may, and that call any function.
var startsAny = map[string]bool{
	"AfterFunc": true, "Go": true,
	"BoolFunc": true, "Func": true, "Publish": true, "SetDefault": true, "SetOutput": true, "TextVar": true, "Var": true,
	"Call": true, "CallSlice": true, "MakeFunc": true, "ValueOf": true,
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

// StartedIn adds to names the functions of a file that may start a goroutine, and "" where
// its initialisers may. Of the file only the syntax is known.
func StartedIn(file *ast.File, names map[string]bool) {
	if !Has[*ast.GoStmt](file) && !givesAway(file) {
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

// givesAway reports whether file calls functions of other packages with what may hold code.
func givesAway(file *ast.File) (found bool) {
	foreign, unknown := map[string]bool{}, false // the names of packages
	for _, imp := range file.Imports {
		p, _ := strconv.Unquote(imp.Path.Value)
		if calm[p] || harmless[p] || strings.HasPrefix(p, "golang.org/x/sys/") {
			continue
		}
		name := path.Base(p)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		foreign[name] = true
		unknown = unknown || imp.Name == nil && (!token.IsIdentifier(name) || majorVersion.MatchString(name))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		found = ok && (foreign[id.Name] || unknown) && slices.ContainsFunc(call.Args, func(x ast.Expr) bool {
			_, literal := ast.Unparen(x).(*ast.BasicLit)
			return !literal
		})
		return !found
	})
	return found
}

// majorVersion is the end of an import path that is not the package's name.
var majorVersion = regexp.MustCompile(`^v\d+$`)

// harmless are packages whose functions take no code.
var harmless = map[string]bool{
	"C": true, "math": true, "math/bits": true, "os/signal": true, "path": true, "path/filepath": true, "runtime": true, "runtime/debug": true,
	"syscall": true, "unicode/utf8": true, "unsafe": true,
}
