package random

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/ast/astutil"
)

// stubs are as much of the standard library as programs use.
var stubs = map[string]string{
	"runtime": "package runtime\nfunc Goexit()\ntype Error interface { error; RuntimeError() }\n",
	"strconv": "package strconv\nconst IntSize = 64\nfunc Itoa(i int) string\n",
	"sync":    "package sync\ntype Mutex struct { _ int }\nfunc (*Mutex) Lock()\nfunc (*Mutex) Unlock()\nfunc (*Mutex) TryLock() bool\n",
}

// imported has the packages that programs import. Bodies are left out, so that
// what rt imports does not matter.
var imported = sync.OnceValue(func() map[string]*types.Package {
	list := make(map[string]*types.Package)
	sources := map[string]string{"random/rt": support}
	for path, src := range stubs {
		sources[path] = src
	}
	for path, src := range sources {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, src, 0)
		if err != nil {
			panic(err)
		}
		conf := types.Config{IgnoreFuncBodies: true, Importer: stubImporter(nil), Error: func(error) {}}
		list[path], _ = conf.Check(path, fset, []*ast.File{f}, nil)
	}
	return list
})

type stubImporter map[string]*types.Package

func (m stubImporter) Import(path string) (*types.Package, error) {
	if p := m[path]; p != nil {
		return p, nil
	}
	return nil, errors.New("no package " + path)
}

// A source is a program's syntax.
type source struct {
	fset *token.FileSet
	file *ast.File
}

func parse(src string) (*source, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution|parser.ParseComments)
	return &source{fset, f}, err
}

func (s *source) String() string {
	var b bytes.Buffer
	if err := format.Node(&b, s.fset, s.file); err != nil {
		return ""
	}
	return b.String()
}

// check type-checks s. What is declared or imported without being used is
// listed apart from other errors.
func (s *source) check(minor int) (unused []types.Error, err error) {
	conf := types.Config{Importer: stubImporter(imported()), GoVersion: fmt.Sprintf("go1.%d", minor), Error: func(e error) {
		te, ok := e.(types.Error)
		if ok && te.Soft && strings.HasPrefix(te.Msg, "declared and not used") || strings.Contains(te.Msg, "imported and not used") {
			unused = append(unused, te)
		} else if err == nil {
			err = fmt.Errorf("%s: %s", s.fset.Position(te.Pos), te.Msg)
		}
	}}
	conf.Check("p", s.fset, []*ast.File{s.file}, nil)
	return unused, err
}

// tidy adds uses of variables that have none and removes such imports and
// labels.
func tidy(src string, minor int) (string, error) {
	s, err := parse(src)
	if err != nil {
		return "", err
	}
	unused, err := s.check(minor)
	if err != nil {
		return "", err
	}
	if len(unused) == 0 {
		return src, nil
	}
	at := make(map[token.Pos]bool)
	for _, e := range unused {
		if path, ok := strings.CutSuffix(e.Msg, " imported and not used"); ok {
			path, err := strconv.Unquote(path)
			if err != nil || !astutil.DeleteImport(s.fset, s.file, path) {
				return "", fmt.Errorf("cannot remove import: %s", e.Msg)
			}
		}
		at[e.Pos] = true
	}
	s.use(at)
	text := s.String()
	if text == src {
		return "", fmt.Errorf("cannot tidy %v", unused)
	}
	return tidy(text, minor)
}

// use adds "_ = x" for the identifiers declared at the given places.
func (s *source) use(at map[token.Pos]bool) {
	astutil.Apply(s.file, nil, func(c *astutil.Cursor) bool {
		stmt, ok := c.Node().(ast.Stmt)
		if !ok {
			return true
		}
		list := uses(unusedIn(stmt, at))
		if r, ok := stmt.(*ast.RangeStmt); ok {
			r.Body.List = append(list, r.Body.List...)
		} else if c.Index() >= 0 {
			for _, u := range list {
				c.InsertAfter(u)
			}
		} else if body := bodyOf(c.Parent()); body != nil {
			body.List = append(list, body.List...)
		}
		return true
	})
}

func uses(names []string) (list []ast.Stmt) {
	for _, name := range names {
		list = append(list, &ast.AssignStmt{Lhs: []ast.Expr{ast.NewIdent("_")}, Tok: token.ASSIGN, Rhs: []ast.Expr{ast.NewIdent(name)}})
	}
	return list
}

// unusedIn lists the variables at the given places that stmt itself declares.
func unusedIn(stmt ast.Stmt, at map[token.Pos]bool) (names []string) {
	add := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok && at[id.Pos()] {
			names = append(names, id.Name)
		}
	}
	switch n := stmt.(type) {
	case *ast.RangeStmt:
		add(n.Key)
		add(n.Value)
	case *ast.AssignStmt:
		for _, x := range n.Lhs {
			add(x)
		}
	case *ast.DeclStmt:
		for _, spec := range n.Decl.(*ast.GenDecl).Specs {
			if spec, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range spec.Names {
					add(id)
				}
			}
		}
	}
	return names
}

// bodyOf returns the block in which the header of n is in scope.
func bodyOf(n ast.Node) *ast.BlockStmt {
	switch n := n.(type) {
	case *ast.IfStmt:
		return n.Body
	case *ast.ForStmt:
		return n.Body
	}
	return nil
}
