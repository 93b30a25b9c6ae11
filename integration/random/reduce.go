package random

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/txtar"
)

// together is how many candidates one module has.
const together = 24

// A reducer makes one program smaller.
type reducer struct {
	Runner
	want  Difference
	src   string
	until time.Time
}

// Reduce makes the program of d smaller, for at most the given time.
func Reduce(r *Runner, d Difference, limit time.Duration) Program {
	red := &reducer{Runner: *r, want: d, src: d.Program.Src, until: time.Now().Add(limit)}
	red.Modes = []string{d.Mode}
	red.Limit = 3 * time.Second
	for again := true; again && time.Now().Before(red.until); {
		again = false
		for _, edits := range []func(*source) []edit{scenarioEdits, declEdits, stmtEdits, unwrapEdits, exprEdits} {
			again = red.phase(edits) || again
		}
	}
	p := d.Program
	p.Src = red.src
	return p
}

// An edit is a change to a program, by the numbers of its nodes in depth-first
// order.
type edit struct {
	delete  []int          // nodes to be deleted from their lists
	unwrap  map[int]int    // statement: which of its parts takes its place
	replace map[int]string // expression: what takes its place
}

func (e edit) join(f edit) edit {
	sum := edit{delete: slices.Concat(e.delete, f.delete), unwrap: map[int]int{}, replace: map[int]string{}}
	for _, x := range []edit{e, f} {
		for k, v := range x.unwrap {
			sum.unwrap[k] = v
		}
		for k, v := range x.replace {
			sum.replace[k] = v
		}
	}
	return sum
}

// phase tries the edits of one kind, once. It reports whether any could be
// made.
func (r *reducer) phase(edits func(*source) []edit) bool {
	progress := false
	for at := 0; time.Now().Before(r.until); {
		s, err := parse(r.src)
		if err != nil {
			return progress
		}
		list := edits(s)
		if at >= len(list) {
			return progress
		}
		good, rest := r.test(list[at:])
		if len(good) == 0 {
			at = len(list) - len(rest)
			continue
		}
		r.src = r.apply(r.most(good))
		progress = true
	}
	return progress
}

// most returns as many edits as possible in one, of those that are good each.
func (r *reducer) most(good []edit) edit {
	var sums []edit
	sum := good[0]
	for _, e := range good[1:] {
		sum = sum.join(e)
		sums = append(sums, sum)
	}
	slices.Reverse(sums)
	better, _ := r.test(sums)
	return append(better, good[0])[0]
}

// test returns those of the first edits after which the difference is still
// there, and the edits it did not get to.
func (r *reducer) test(list []edit) (good, rest []edit) {
	var programs []Program
	var edits []edit
	for len(list) > 0 && len(programs) < together {
		e := list[0]
		list = list[1:]
		if src := r.apply(e); src != "" {
			name := fmt.Sprintf("p%03d", len(programs))
			p := Program{Name: name, Head: r.want.Program.Head, Calm: r.want.Program.Calm, Src: strings.Replace(src, "package "+r.want.Program.Name, "package "+name, 1)}
			programs = append(programs, p)
			edits = append(edits, e)
		}
	}
	for _, i := range r.differ(programs) {
		good = append(good, edits[i])
	}
	return good, list
}

// apply returns the program after e, or "" if it does not compile or is no
// smaller.
func (r *reducer) apply(e edit) string {
	s, err := parse(r.src)
	if err != nil {
		return ""
	}
	s.edit(e)
	text, err := tidy(s.String(), r.Minor)
	if err != nil || len(text) >= len(r.src) {
		return ""
	}
	return text
}

// differ returns which programs show the difference that is wanted.
func (r *reducer) differ(programs []Program) (which []int) {
	if len(programs) == 0 {
		return nil
	}
	if r.want.Kind == "rewrite" {
		for i, p := range programs {
			if msg := r.rewriteFails(r.want.Mode, p); msg != "" && r.same(Difference{Kind: "rewrite", Detail: msg}) {
				which = append(which, i)
			}
			if len(which) == 4 {
				break
			}
		}
		return which
	}
	found, _ := r.Compare(programs)
	for i, p := range programs {
		if slices.ContainsFunc(found, func(d Difference) bool { return d.Program.Name == p.Name && r.same(d) }) {
			which = append(which, i)
		}
	}
	return which
}

var volatile = regexp.MustCompile(`[\w./]*\d[\w./:]*|/tmp/\S*`)

// same reports whether d is the difference that is being reduced, as far as
// one can tell.
func (r *reducer) same(d Difference) bool {
	return d.Kind == r.want.Kind && gist(d) == gist(r.want)
}

// gist is what two occurrences of one difference have in common.
func gist(d Difference) string {
	switch d.Kind {
	case "rewrite":
		_, msg, _ := strings.Cut(d.Detail, "of the output: ")
		msg, _, _ = strings.Cut(msg, "\n")
		msg, _, _ = strings.Cut(msg, "used: ")
		return volatile.ReplaceAllString(msg, "")
	case "build":
		msg, _, _ := strings.Cut(d.Detail, "\n")
		msg, _, _ = strings.Cut(msg, "used: ")
		return volatile.ReplaceAllString(msg, "")
	}
	if strings.Contains(d.Detail, "still running") {
		return "hangs"
	}
	return fmt.Sprint(strings.Contains(d.Detail, "exit code"))
}

// edit changes the syntax.
func (s *source) edit(e edit) {
	num := s.numbers()
	gone := make(map[ast.Node]bool)
	for n, i := range num {
		if slices.Contains(e.delete, i) {
			gone[n] = true
		}
	}
	astutil.Apply(s.file, func(c *astutil.Cursor) bool {
		n := c.Node()
		if n == nil {
			return true
		}
		if gone[n] && c.Index() >= 0 {
			c.Delete()
			return false
		}
		if part, ok := e.unwrap[num[n]]; ok && num[n] > 0 {
			_, block := n.(*ast.BlockStmt) // elsewhere than in a list it has to be one
			if stmt, ok := n.(ast.Stmt); ok && (c.Index() >= 0 || !block) {
				if parts := parts(stmt); part < len(parts) {
					c.Replace(parts[part])
				}
			}
		}
		if text, ok := e.replace[num[n]]; ok && num[n] > 0 {
			if x, err := parser.ParseExpr(text); err == nil && !called(c.Parent(), n) {
				c.Replace(x)
				return false
			}
		}
		return true
	}, nil)
}

// called reports whether n is the call of a defer or go statement.
func called(stmt, n ast.Node) bool {
	switch stmt := stmt.(type) {
	case *ast.DeferStmt:
		return stmt.Call == n
	case *ast.GoStmt:
		return stmt.Call == n
	}
	return false
}

// numbers numbers the nodes in depth-first order.
func (s *source) numbers() map[ast.Node]int {
	num := make(map[ast.Node]int)
	ast.Inspect(s.file, func(n ast.Node) bool {
		if n != nil {
			num[n] = len(num) + 1
		}
		return true
	})
	return num
}

// chunks returns edits that delete runs of nodes, long ones first.
func chunks(ids []int) (list []edit) {
	for size := len(ids); size > 0; size /= 2 {
		for i := 0; i < len(ids); i += size {
			list = append(list, edit{delete: ids[i:min(i+size, len(ids))]})
		}
	}
	return list
}

// scenarioEdits deletes statements of Run.
func scenarioEdits(s *source) []edit {
	num := s.numbers()
	var ids []int
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "Run" {
			for _, stmt := range f.Body.List {
				ids = append(ids, num[stmt])
			}
		}
	}
	list := chunks(ids)
	for i := range ids { // keep one
		list = append([]edit{{delete: slices.Delete(slices.Clone(ids), i, i+1)}}, list...)
	}
	return list
}

// declEdits deletes declarations: first all that Run does not lead to.
func declEdits(s *source) []edit {
	num := s.numbers()
	var ids []int
	for _, d := range s.file.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			ids = append(ids, num[d])
		}
	}
	return append([]edit{unreached(s, num)}, chunks(ids)...)
}

// unreached deletes the functions that nothing reachable from Run names.
func unreached(s *source, num map[ast.Node]int) edit {
	named := map[string]bool{"Run": true}
	kept := make(map[ast.Decl]bool)
	for again := true; again; {
		again = false
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); kept[d] || ok && !named[f.Name.Name] {
				continue
			}
			kept[d], again = true, true
			ast.Inspect(d, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					named[id.Name] = true
				}
				return true
			})
		}
	}
	var e edit
	for _, d := range s.file.Decls {
		if !kept[d] {
			e.delete = append(e.delete, num[d])
		}
	}
	return e
}

// stmtEdits deletes statements and clauses.
func stmtEdits(s *source) (list []edit) {
	num := s.numbers()
	ast.Inspect(s.file, func(n ast.Node) bool {
		var stmts []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			stmts = n.List
		case *ast.CaseClause:
			stmts = n.Body
		case *ast.CommClause:
			stmts = n.Body
		}
		var ids []int
		for _, stmt := range stmts {
			ids = append(ids, num[stmt])
		}
		list = append(list, chunks(ids)...)
		if len(ids) > 1 {
			list = append(list, edit{delete: ids[:len(ids)-1]})
		}
		for i := range ids[:max(len(ids)-1, 0)] { // a variable and its only use
			list = append(list, edit{delete: ids[i : i+2]})
		}
		return true
	})
	slices.SortStableFunc(list, func(a, b edit) int { return len(b.delete) - len(a.delete) })
	return list
}

// parts returns the statements that may take the place of stmt.
func parts(stmt ast.Stmt) (list []ast.Stmt) {
	switch n := stmt.(type) {
	case *ast.IfStmt:
		list = append(list, n.Body)
		if n.Else != nil {
			list = append(list, n.Else, &ast.IfStmt{Init: n.Init, Cond: n.Cond, Body: n.Body})
		}
	case *ast.ForStmt:
		list = append(list, n.Body)
	case *ast.RangeStmt:
		list = append(list, n.Body)
	case *ast.LabeledStmt:
		list = append(list, n.Stmt)
	case *ast.SwitchStmt:
		list = append(list, bodies(n.Body)...)
	case *ast.TypeSwitchStmt:
		list = append(list, bodies(n.Body)...)
	case *ast.SelectStmt:
		list = append(list, bodies(n.Body)...)
	case *ast.BlockStmt:
		if len(n.List) == 1 {
			list = append(list, n.List[0])
		}
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok {
			list = append(list, callParts(call)...)
		}
	case *ast.DeferStmt:
		list = append(list, &ast.ExprStmt{X: n.Call})
	}
	return list
}

func callParts(call *ast.CallExpr) (list []ast.Stmt) {
	for _, x := range append([]ast.Expr{call.Fun}, call.Args...) {
		if lit, ok := x.(*ast.FuncLit); ok {
			list = append(list, lit.Body)
		}
	}
	return list
}

func bodies(b *ast.BlockStmt) (list []ast.Stmt) {
	for _, c := range b.List {
		switch c := c.(type) {
		case *ast.CaseClause:
			list = append(list, &ast.BlockStmt{List: c.Body})
		case *ast.CommClause:
			list = append(list, &ast.BlockStmt{List: c.Body})
		}
	}
	return list
}

func unwrapEdits(s *source) (list []edit) {
	num := s.numbers()
	ast.Inspect(s.file, func(n ast.Node) bool {
		if stmt, ok := n.(ast.Stmt); ok {
			for i := range parts(stmt) {
				list = append(list, edit{unwrap: map[int]int{num[n]: i}})
			}
		}
		return true
	})
	return list
}

// exprEdits deletes arguments and results and simplifies expressions.
func exprEdits(s *source) (list []edit) {
	num := s.numbers()
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			for _, x := range n.Args {
				list = append(list, edit{delete: []int{num[x]}})
			}
			for _, text := range []string{"0", "\"\"", "nil", "true", "false", "1"} {
				list = append(list, edit{replace: map[int]string{num[n]: text}})
			}
		case *ast.BinaryExpr, *ast.CompositeLit, *ast.UnaryExpr, *ast.IndexExpr, *ast.StarExpr, *ast.ParenExpr:
			for _, text := range []string{"0", "\"\"", "nil", "true", "false"} {
				list = append(list, edit{replace: map[int]string{num[n]: text}})
			}
		}
		return true
	})
	return list
}

// Archive writes the reduced program as a module: go.mod, main.go, and rt.
func Archive(comment string, p Program, minor int) string {
	main := p.Head + strings.Replace(p.Src, "package "+p.Name, "package main", 1) + "\nfunc main() { Run() }\n"
	return fmt.Sprintf("%s\n-- go.mod --\nmodule random\n\ngo 1.%d\n-- main.go --\n%s-- rt/rt.go --\n%s", comment, minor, main, support)
}

// Keep writes what is known about a difference into dir.
func Keep(dir string, d Difference) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	name := filepath.Join(dir, fmt.Sprintf("%s-%s-%d.txtar", d.Kind, d.Mode, d.Program.Seed))
	comment := fmt.Sprintf("seed %d, go 1.%d, mode %s: %s\n%s", d.Program.Seed, d.Minor, d.Mode, d.Kind, harness.Clip(d.Detail, 20))
	return os.WriteFile(name, []byte(Archive(comment, d.Program, d.Minor)), 0o666)
}

// Kept reads what Keep wrote.
func Kept(archive string) (Difference, error) {
	var d Difference
	if _, err := fmt.Sscanf(archive, "seed %d, go 1.%d, mode %s %s", &d.Program.Seed, &d.Minor, &d.Mode, &d.Kind); err != nil {
		return d, err
	}
	d.Mode = strings.TrimSuffix(d.Mode, ":")
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if f.Name == "main.go" {
			src, _, _ := strings.Cut(string(f.Data), "\nfunc main() { Run() }")
			i := strings.Index(src, "package main")
			d.Program.Head, src = src[:max(i, 0)], src[max(i, 0):]
			d.Program.Name, d.Program.Src = "p000", strings.Replace(src, "package main", "package p000", 1)
		}
	}
	d.Program.Calm = d.Mode == "none" && d.Kind == "trace" // else there is no such difference
	return d, nil
}
