package lower

import (
	"github.com/dave/dst"
)

// list lowers the statements of a list.
func (f *function) list(block *dst.BlockStmt, list *[]dst.Stmt) {
	var out []dst.Stmt
	for _, s := range *list {
		out = append(out, f.stmt(s)...)
	}
	*list = out
	f.settle(block, list)
}

// stmt lowers one statement, and returns what stands in its place. It does
// not look into expressions: function literals are functions of their own.
func (f *function) stmt(s dst.Stmt) []dst.Stmt {
	switch s := s.(type) {
	case *dst.DeferStmt:
		if site := f.sites[s]; site != nil {
			return f.site(s, site)
		}
	case *dst.ReturnStmt:
		if exit := f.returns[s]; exit != nil {
			return f.exit(s, exit)
		}
	case *dst.LabeledStmt:
		return f.labeled(s)
	case *dst.BlockStmt:
		f.list(s, &s.List)
	case *dst.IfStmt:
		f.list(s.Body, &s.Body.List)
		if s.Else != nil {
			f.stmt(s.Else)
		}
	case *dst.ForStmt:
		f.list(s.Body, &s.Body.List)
	case *dst.RangeStmt:
		f.list(s.Body, &s.Body.List)
	case *dst.SwitchStmt:
		f.clauses(s.Body)
	case *dst.TypeSwitchStmt:
		f.clauses(s.Body)
	case *dst.SelectStmt:
		f.clauses(s.Body)
	}
	return []dst.Stmt{s}
}

func (f *function) clauses(body *dst.BlockStmt) {
	for _, c := range body.List {
		switch c := c.(type) {
		case *dst.CaseClause:
			f.list(nil, &c.Body)
		case *dst.CommClause:
			f.list(nil, &c.Body)
		}
	}
}

// labeled keeps the label on the first of the statements that replace what it
// stood on.
func (f *function) labeled(s *dst.LabeledStmt) []dst.Stmt {
	inner := f.stmt(s.Stmt)
	if f.gone[inner[0]] {
		delete(f.gone, inner[0])
	}
	s.Stmt = inner[0]
	return append([]dst.Stmt{s}, inner[1:]...)
}
