package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// Order tells what the order depends on in which the variables of a package get their
// values: Go initialises first what an initialiser refers to, through functions too, whether
// they use it then or not:
//
//	var A = f()              // B first
//	var B = g()
//
//	func f() (err error) {
//		defer func() {
//			if err != nil {
//				println(B)
//			}
//		}()
//		return nil
//	}
//
// See "Package initialization" in the language specification.
type Order struct {
	pkg   *syntax.Package
	refs  map[any][]any         // what functions and variables refer to: objects, and those of other builds by their names
	first []any                 // the variables that are initialised
	runs  map[any]bool          // what an initialiser refers to, or a function that does
	leads map[types.Object]bool // variables that are initialised, and what refers to them
}

// Of returns the variables, functions and methods of the package on which the order may depend if
// decl refers to them; nil where there are none.
func (o *Order) Of(decl ast.Decl) map[types.Object]bool {
	o.find()
	if d, ok := decl.(*ast.FuncDecl); ok && !o.runs[types.Object(o.pkg.Info.Defs[d.Name])] {
		return nil
	}
	return o.leads
}

func (o *Order) find() {
	if o.refs != nil {
		return
	}
	o.refs, o.runs, o.leads = map[any][]any{}, map[any]bool{}, map[types.Object]bool{}
	all := slices.Clone(o.pkg.Extra)
	for _, f := range o.pkg.Files {
		all = append(all, f.Syntax)
	}
	for _, f := range all {
		o.declared(f)
	}
	o.joinBuilds()
	runs := o.first
	if o.pkg.Assigned == nil && !o.pkg.OneBuild { // any function may be what another build calls
		runs = slices.Collect(maps.Keys(o.refs))
	}
	reach(runs, o.refs, o.runs)
	users := map[any][]any{}
	for from, list := range o.refs {
		for _, to := range list {
			users[to] = append(users[to], from)
		}
	}
	leads := map[any]bool{}
	reach(o.first, users, leads)
	for x := range leads {
		if obj, ok := x.(types.Object); ok {
			o.leads[obj] = true
		}
	}
}

// joinBuilds adds what other builds have: what is declared there has the name of what this build has
// in its place, and refers to names.
func (o *Order) joinBuilds() {
	named := map[string][]any{}
	note := func(x any) {
		if obj, ok := x.(types.Object); ok && !slices.Contains(named[obj.Name()], x) {
			named[obj.Name()] = append(named[obj.Name()], x)
		}
	}
	for from, list := range o.refs {
		note(from)
		for _, to := range list {
			note(to)
		}
	}
	for name, list := range o.pkg.Refs {
		for _, obj := range named[name] {
			o.refs[obj] = append(o.refs[obj], name)
		}
		for _, to := range list {
			o.refs[name] = append(append(o.refs[name], to), named[to]...)
		}
	}
	for name := range o.pkg.Inits {
		o.first = append(o.first, name)
	}
}

// declared notes what the declarations of file refer to.
func (o *Order) declared(file *ast.File) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if fn := o.pkg.Info.Defs[d.Name]; fn != nil && d.Body != nil {
				o.refs[fn] = o.mentioned(d.Body)
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR {
				for _, spec := range d.Specs {
					o.initialised(spec.(*ast.ValueSpec))
				}
			}
		}
	}
}

// initialised notes the variables of spec, but for those whose values are constants that refer to
// nothing: they have them from the start.
func (o *Order) initialised(spec *ast.ValueSpec) {
	for i, id := range spec.Names {
		v := o.pkg.Info.Defs[id]
		if v == nil || len(spec.Values) == 0 {
			continue
		}
		x := spec.Values[min(i, len(spec.Values)-1)]
		if !IsPlain(o.pkg.Info, x) {
			o.refs[v] = o.mentioned(x)
			o.first = append(o.first, v)
		}
	}
}

// IsPlain reports whether x is a constant that refers to no variable and no function, as len(array)
// does.
func IsPlain(info *types.Info, x ast.Expr) bool {
	plain := info.Types[x].Value != nil
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && Referred(info, id) != nil {
			plain = false
		}
		return plain
	})
	return plain
}

func (o *Order) mentioned(n ast.Node) (list []any) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := Referred(o.pkg.Info, id); obj != nil && obj.Pkg() == o.pkg.Types && !slices.Contains(list, any(obj)) {
				list = append(list, obj)
			}
		}
		return true
	})
	return list
}

// Referred returns the variable of a package, the function or the method that id refers to, nil
// where it is something else. A method of an instance is that of the generic type.
func Referred(info *types.Info, id *ast.Ident) types.Object {
	switch obj := info.Uses[id].(type) {
	case *types.Func:
		return obj.Origin()
	case *types.Var:
		if obj.Kind() == types.PackageVar {
			return obj
		}
	}
	return nil
}

// reach marks what is reached from list along the arrows.
func reach(list []any, arrows map[any][]any, marked map[any]bool) {
	list = slices.Clone(list)
	for len(list) > 0 {
		last := len(list) - 1
		x := list[last]
		if list = list[:last]; !marked[x] {
			marked[x] = true
			list = append(list, arrows[x]...)
		}
	}
}

// RefsIn adds to refs the names that the functions and variables of a file mention, by their own
// names, and to inits the variables that it initialises, true where that takes a call.
func RefsIn(file *ast.File, refs map[string][]string, inits map[string]bool) {
	mention := func(name string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && !slices.Contains(refs[name], id.Name) {
				refs[name] = append(refs[name], id.Name)
			}
			return true
		})
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil {
				mention(d.Name.Name, d.Body)
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				spec := spec.(*ast.ValueSpec)
				for _, id := range spec.Names {
					for _, x := range spec.Values {
						inits[id.Name] = inits[id.Name] || Has[*ast.CallExpr](x)
						mention(id.Name, x)
					}
				}
			}
		}
	}
}
