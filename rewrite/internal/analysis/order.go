package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
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
	refs  map[types.Object][]types.Object // what functions and variables of the package refer to
	runs  map[types.Object]bool           // what an initialiser refers to, or a function that does
	leads map[types.Object]bool           // variables that are initialised, and what refers to them
}

// Of returns the variables, functions and methods of the package on which the order may depend if
// decl refers to them; nil where there are none.
func (o *Order) Of(decl ast.Decl) map[types.Object]bool {
	o.find()
	if d, ok := decl.(*ast.FuncDecl); ok && !o.runs[o.pkg.Info.Defs[d.Name]] {
		return nil
	}
	return o.leads
}

func (o *Order) find() {
	if o.refs != nil {
		return
	}
	o.refs, o.runs, o.leads = map[types.Object][]types.Object{}, map[types.Object]bool{}, map[types.Object]bool{}
	var first []types.Object
	for _, f := range o.pkg.Files {
		first = append(first, o.declared(f.Syntax)...)
	}
	for _, f := range o.pkg.Extra {
		first = append(first, o.declared(f)...)
	}
	reach(first, o.refs, o.runs)
	users := map[types.Object][]types.Object{}
	var variables []types.Object
	for from, list := range o.refs {
		if _, ok := from.(*types.Var); ok {
			variables = append(variables, from)
		}
		for _, to := range list {
			users[to] = append(users[to], from)
			if _, ok := to.(*types.Var); ok && o.pkg.Elsewhere[to.Name()] { // another build may initialise it
				variables = append(variables, to)
			}
		}
	}
	reach(variables, users, o.leads)
}

// declared notes what the declarations of file refer to, and returns those that refer to
// something first: variables with initialisers, and functions that are named by such in
// another build.
func (o *Order) declared(file *ast.File) (first []types.Object) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			fn := o.pkg.Info.Defs[d.Name]
			if fn == nil || d.Body == nil {
				continue
			}
			o.refs[fn] = o.mentioned(d.Body)
			if o.pkg.Assigned == nil && !o.pkg.OneBuild || o.pkg.Inits[fn.Name()] {
				first = append(first, fn)
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				first = append(first, o.initialised(spec.(*ast.ValueSpec))...)
			}
		}
	}
	return first
}

// initialised returns the variables of spec whose values are no constants.
func (o *Order) initialised(spec *ast.ValueSpec) (list []types.Object) {
	for i, id := range spec.Names {
		v := o.pkg.Info.Defs[id]
		if v == nil || len(spec.Values) == 0 {
			continue
		}
		x := spec.Values[min(i, len(spec.Values)-1)]
		if o.pkg.Info.Types[x].Value == nil {
			o.refs[v] = o.mentioned(x)
			list = append(list, v)
		}
	}
	return list
}

func (o *Order) mentioned(n ast.Node) (list []types.Object) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := Referred(o.pkg.Info, id); obj != nil && obj.Pkg() == o.pkg.Types && !slices.Contains(list, obj) {
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

// reach marks the objects from list on, along the arrows.
func reach(list []types.Object, arrows map[types.Object][]types.Object, marked map[types.Object]bool) {
	for len(list) > 0 {
		last := len(list) - 1
		obj := list[last]
		if list = list[:last]; !marked[obj] {
			marked[obj] = true
			list = append(list, arrows[obj]...)
		}
	}
}

// InitialisersIn adds to names what the initialisers of a file name.
func InitialisersIn(file *ast.File, names map[string]bool) {
	for _, d := range file.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			ast.Inspect(d, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					names[id.Name] = true
				}
				return true
			})
		}
	}
}
