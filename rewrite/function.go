package rewrite

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"

	"github.com/dedefer/dedefer/rewrite/lowering"
)

// Functions names functions and methods, such as those of Options.Functions.
type Functions struct {
	text string
	name string         // without the receiver's "*" and parentheses; "" for a regexp
	like *regexp.Regexp // nil for a name
}

// functionName is F, T.M, (*T).M or, as the declaration has it, (*T[P]).M.
var functionName = regexp.MustCompile(`^(?:(\w+)\.|\(?\*(\w+)(?:\[[\w, ]*\])?\)?\.)?(\w+)$`)

// ParseFunctions parses the name of a function, F, or of a method, T.M or
// (*T).M, or a regular expression that finds something in such a name. A name
// F is also that of methods F, of any type.
func ParseFunctions(text string) (*Functions, error) {
	if m := functionName.FindStringSubmatch(text); m != nil {
		f := &Functions{text: text, name: m[3]}
		if recv := m[1] + m[2]; recv != "" {
			f.name = recv + "." + m[3]
		}
		return f, nil
	}
	re, err := regexp.Compile(text)
	if err != nil || text == "" {
		return nil, &UsageError{Msg: fmt.Sprintf("%q is no name of a function (F, T.M or (*T).M), and no regular expression", text)}
	}
	return &Functions{text: text, like: re}, nil
}

func (f *Functions) String() string { return f.text }

// Has reports whether d declares one of the functions.
func (f *Functions) Has(d ast.Decl) bool {
	fd, ok := d.(*ast.FuncDecl)
	if !ok {
		return false
	}
	name, recv, pointer := fd.Name.Name, "", false
	if fd.Recv != nil && len(fd.Recv.List) > 0 {
		recv, pointer = receiver(fd.Recv.List[0].Type)
		name = recv + "." + name
	}
	switch {
	case f.like == nil:
		return f.name == name || f.name == fd.Name.Name
	case pointer && f.like.MatchString("(*"+recv+")."+fd.Name.Name):
		return true
	}
	return f.like.MatchString(name)
}

// receiver returns the name of a receiver's type.
func receiver(x ast.Expr) (name string, pointer bool) {
	for {
		switch t := x.(type) {
		case *ast.ParenExpr:
			x = t.X
		case *ast.StarExpr:
			x, pointer = t.X, true
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		case *ast.Ident:
			return t.Name, pointer
		default:
			return "", pointer
		}
	}
}

// only returns which declarations of a package in m are lowered: those of the files
// and functions that were asked for. Where the runtime is part of a file, the copy
// that an earlier rewriting put there is left alone.
func (r *rewriter) only(m *Module) func(*lowering.File, ast.Decl) bool {
	named, funcs, loose := r.prog.Named, r.opts.Functions, m.loose()
	if named == nil && funcs == nil && !loose {
		return nil
	}
	return func(f *lowering.File, d ast.Decl) bool {
		return (named == nil || slices.Contains(named, f.Name)) && (funcs == nil || funcs.Has(d)) && !(loose && isCopied(d))
	}
}

// isCopied reports whether d is of a runtime that is part of its file.
func isCopied(d ast.Decl) bool {
	fd, ok := d.(*ast.FuncDecl)
	if !ok {
		return false
	}
	name := fd.Name.Name
	if fd.Recv != nil && len(fd.Recv.List) > 0 {
		name, _ = receiver(fd.Recv.List[0].Type)
	}
	return copiedName.MatchString(name)
}

var copiedName = regexp.MustCompile(`^dedefer\d*_`)
