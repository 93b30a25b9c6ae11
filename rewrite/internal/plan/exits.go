package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// An Exit is the plan for one place where the body ends normally.
type Exit struct {
	*analysis.Exit
	Active analysis.Active // without the sites that are idle
	Runs   analysis.Bits   // the sites that are called there; what else is pending is left to Go
	Plain  bool            // nothing is called: it stays as it is
	Set    *Set            // what happens to the operands of its return statement
	Stays  bool            // the return statement stays, though the chain before it ends in a panic

	known   analysis.Nilness   // before the return statement
	remains map[*Site]*Remains // of the deferred literals that are pending
}

// A Tail is the chain that several exits share.
type Tail struct {
	Active analysis.Active // at any of them
	Runs   analysis.Bits
	Exits  int
	Label  string
	Block  bool // the body goes into a block, so that a goto may leave it

	// In that block, what a := of the body assigns to, and does not declare,
	// when it names a parameter or result.
	Redeclared map[*ast.AssignStmt][]Redeclared
}

// Redeclared is a variable that stands on the left of a :=, and is declared in
// the function's own scope, around the block. Where its value is a constant or
// nil, it is assigned on its own. Otherwise a new variable takes its place,
// and is then assigned to it.
type Redeclared struct {
	Index int
	Temp  string   // "" where the value is assigned on its own
	Conv  ast.Expr // the variable's type, where the value has to be converted to it first
	After ast.Expr // the same, where the new variable has to be
}

// Beyond so many lines, written out at all exits together, these share one tail.
// Its block moves the body to the right as a whole, and a reader has to look up
// what a goto leads to; a few lines again and again are easier to read, and so is
// any number of exits with one call each.
const (
	maxLines     = 48
	linesPerExit = 3
)

// shares reports whether the exits share one tail.
func (f *Func) shares() bool {
	var lines, exits int
	rangeFunc := false
	calls := analysis.NewBits(len(f.Sites))
	for _, e := range f.Exits {
		if e.Runs.Empty() {
			continue
		}
		exits++
		for _, s := range f.Sites {
			switch {
			case !e.Runs.Has(s.Index):
			case e.Active.Must.Has(s.Index):
				lines++
			default: // under a test
				lines += 3
			}
		}
		calls.Or(e.Runs)
		rangeFunc = rangeFunc || e.InRangeFunc
	}
	if rangeFunc || exits <= 1 || calls.Len() <= 1 {
		return rangeFunc
	}
	return lines > maxLines && lines >= linesPerExit*exits || f.opensByTail(exits)
}

// opensByTail reports whether gc open-codes the native defer statements of the
// output if this many exits share one tail, and only then.
func (f *Func) opensByTail(exits int) bool {
	n := f.natives()
	return n*len(f.Exits) > openCoded && n <= openCodedSites && n*(len(f.Exits)-exits+1) <= openCoded
}

func (f *Func) decideTail() {
	n := len(f.Sites)
	all := &Tail{Active: analysis.Active{May: analysis.NewBits(n), Must: analysis.Full(n)}, Runs: analysis.NewBits(n)}
	for _, e := range f.Exits {
		e.Plain = e.Runs.Empty()
		if e.Plain {
			continue
		}
		all.Exits++
		all.Active.May.Or(e.Active.May)
		all.Active.Must.And(e.Active.Must)
		all.Runs.Or(e.Runs)
	}
	if !f.shared && (f.Unwinds != nil || !f.shares()) {
		return
	}
	f.Tail = all
	f.Tail.Label, f.Tail.Block = f.Unit.Names.Fresh("exit"), f.declaresBehind()
	if f.Tail.Block {
		f.Tail.Redeclared = map[*ast.AssignStmt][]Redeclared{}
		for _, s := range f.Body.List[f.At:] {
			if as, ok := unlabeled(s).(*ast.AssignStmt); ok && as.Tok == token.DEFINE {
				f.Tail.Redeclared[as] = f.redeclared(as)
			}
		}
	}
}

// unlabeled returns the statement behind the labels of s.
func unlabeled(s ast.Stmt) ast.Stmt {
	for {
		l, ok := s.(*ast.LabeledStmt)
		if !ok {
			return s
		}
		s = l.Stmt
	}
}

func (f *Func) redeclared(s *ast.AssignStmt) (list []Redeclared) {
	for i, lhs := range s.Lhs {
		obj, ok := f.info.Uses[lhs.(*ast.Ident)].(*types.Var)
		if !ok || obj.Parent() != f.fn {
			continue
		}
		r := Redeclared{Index: i}
		if len(s.Rhs) != len(s.Lhs) {
			_, call := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
			if !call && !types.Identical(obj.Type(), types.Typ[types.Bool]) && i == 1 { // v, ok := ...
				r.After = f.typeExpr(obj)
			}
			r.Temp = f.Unit.Names.Fresh(obj.Name())
			list = append(list, r)
			continue
		}
		tv := f.info.Types[s.Rhs[i]]
		if tv.Value == nil && !tv.IsNil() {
			r.Temp = f.Unit.Names.Fresh(obj.Name())
			switch ast.Unparen(s.Rhs[i]).(type) {
			case *ast.BinaryExpr, *ast.UnaryExpr: // may be untyped
				if !types.Identical(obj.Type(), types.Typ[types.Bool]) {
					r.Conv = f.typeExpr(obj)
				}
			}
		}
		list = append(list, r)
	}
	return list
}

// typeExpr returns the type of a parameter, result or receiver as it stands in
// the signature.
func (f *Func) typeExpr(obj *types.Var) ast.Expr {
	lists := []*ast.FieldList{f.Type.Params, f.Type.Results}
	if d, ok := f.Node.(*ast.FuncDecl); ok {
		lists = append(lists, d.Recv)
	}
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, field := range l.List {
			for _, id := range field.Names {
				if f.info.Defs[id] == obj {
					return field.Type
				}
			}
		}
	}
	return nil
}

// declaresBehind reports whether the body declares variables, behind the
// prologue, in its own list: a goto to a label at the end would jump over them.
func (f *Func) declaresBehind() bool {
	for _, s := range f.Body.List[f.At:] {
		switch s := unlabeled(s).(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				return true
			}
		case *ast.DeclStmt:
			if s.Decl.(*ast.GenDecl).Tok == token.VAR {
				return true
			}
		}
	}
	return false
}
