package plan

import (
	"go/ast"
	"go/token"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
)

// An Exit is the plan for one place where the body ends normally.
type Exit struct {
	*analyse.Exit
	Plain bool // nothing is pending: it stays as it is
	Set   *Set // what happens to the operands of its return statement
}

// A Tail is the chain that several exits share.
type Tail struct {
	Active analyse.Active // at any of them
	Exits  int
	Label  string
	Block  bool // the body goes into a block, so that a goto may leave it
}

// Beyond this many calls, written out at all exits together, the exits share
// one tail. gc's own limit for open-coded defers is 15 returns times defers;
// its limit on returns of a frame with a guard is met as well.
const maxCalls = 16

func (f *Func) decideTail() {
	var calls, exits, returns int
	rangeFunc := false
	n := len(f.Sites)
	all := analyse.Active{May: analyse.NewBits(n), Must: analyse.Full(n)}
	for _, e := range f.Func.Exits {
		returns++
		k := e.Active.May.Len()
		if f.Guard != nil && f.Guard.Shape == Itself {
			k = 0
		}
		f.Exits = append(f.Exits, &Exit{Exit: e, Plain: k == 0})
		if k == 0 {
			continue
		}
		exits++
		calls += k
		rangeFunc = rangeFunc || e.InRangeFunc
		all.May.Or(e.Active.May)
		all.Must.And(e.Active.Must)
	}
	if rangeFunc || exits > 1 && calls > maxCalls || f.Guard != nil && exits > 1 && returns > 15 {
		f.Tail = &Tail{Active: all, Exits: exits, Label: f.Unit.Names.Fresh("exit"), Block: f.declaresBehind()}
	}
}

// declaresBehind reports whether the body declares variables, behind the
// prologue, in its own list: a goto to a label at the end would jump over them.
func (f *Func) declaresBehind() bool {
	for _, s := range f.Body.List[f.At:] {
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		switch s := s.(type) {
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
