package runtime

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Copy is what a program uses of package dedefer as files of another package,
// which then need not import it:
//
//	func dedefer_Run(step func() bool) { ...
type Copy struct {
	Files map[string]string // by base name, such as "dedefer_run.go"
	Names []string          // what the files take for predeclared, such as "bool"; sorted
}

// NewCopy returns the copy that a package called pkg needs for use. All that the
// files declare has a name that begins with prefix.
func NewCopy(pkg, prefix string, use Use) *Copy {
	fset := token.NewFileSet()
	source := Source()
	var names []string
	var files []*ast.File
	for _, name := range slices.Sorted(maps.Keys(source)) {
		if !use.Needs(name) || name == "doc.go" {
			continue
		}
		f, err := parser.ParseFile(fset, name, source[name], parser.SkipObjectResolution)
		if err != nil {
			panic(err) // it is part of this program
		}
		names = append(names, name)
		files = append(files, f)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	checked, err := new(types.Config).Check("dedefer", fset, files, info)
	if err != nil {
		panic(err)
	}
	c := &Copy{Files: map[string]string{}}
	predeclared := map[string]bool{}
	for i, f := range files {
		rename := func(id *ast.Ident) string {
			switch obj := objectOf(info, id); {
			case id == f.Name:
				return pkg
			case obj == nil:
			case obj.Parent() == checked.Scope():
				return prefix + id.Name
			case obj.Parent() == types.Universe:
				predeclared[id.Name] = true
			}
			return id.Name
		}
		c.Files[strings.TrimRight(prefix, "_")+"_"+names[i]] = renamed(fset, f, source[names[i]], rename)
	}
	c.Names = slices.Sorted(maps.Keys(predeclared))
	return c
}

func objectOf(info *types.Info, id *ast.Ident) types.Object {
	if obj := info.Defs[id]; obj != nil {
		return obj
	}
	return info.Uses[id]
}

// renamed returns the text of f, src, with other identifiers.
func renamed(fset *token.FileSet, f *ast.File, src string, rename func(*ast.Ident) string) string {
	var ids []*ast.Ident
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			ids = append(ids, id)
		}
		return true
	})
	tf := fset.File(f.FileStart)
	var b strings.Builder
	at := 0
	slices.SortFunc(ids, func(a, b *ast.Ident) int { return int(a.Pos() - b.Pos()) })
	for _, id := range ids {
		b.WriteString(src[at:tf.Offset(id.Pos())])
		b.WriteString(rename(id))
		at = tf.Offset(id.End())
	}
	b.WriteString(src[at:])
	return b.String()
}
