package plan

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Mask is the set of variables whose bits tell what is pending.
type Mask struct {
	Names []string // one variable for each Word bits
	Bits  int      // in all
	Word  int      // bits to a variable
	Bool  bool     // a single bit, in a variable of type bool
	Typed bool     // the unsigned types can be named; otherwise it is an int
	Near  bool     // its only site declares it, in whose statement list all stands that asks; else it is declared in front of all
}

// Type returns the type of the i-th variable: "uint8" for up to eight bits.
func (m *Mask) Type(i int) string {
	n := m.Bits - m.Word*i
	for _, size := range []int{8, 16, 32} {
		if n <= size {
			return fmt.Sprintf("uint%d", size)
		}
	}
	return "uint64"
}

// Words are how lowered code writes what is predeclared. Where true or uint8 may mean
// something else, true is "1 == 1", and a mask an int.
type Words struct {
	Shadowed          bool // some do: no append, len or named integer type is used
	True, False, Bool string
	Any               string // the type whose nil value stands for recover(), where that returns nothing else; else ""
	Tag               string // an integer type
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

// A Redeclared is a variable on the left of a := that moves into the block of a
// shared tail, where that would declare a new one. A constant or nil is assigned on
// its own; any other value goes to a new variable first:
//
//	n, err := f()     becomes     n, err1 := f()
//	                              err = err1
type Redeclared struct {
	Index int
	Temp  string   // "" where the value is assigned on its own
	Conv  ast.Expr // the variable's type, where the value has to be converted to it first
	After ast.Expr // the same, where the new variable has to be
	Copy  bool     // the new variable begins as a copy, which has that type: its name is hidden here
}

// A Set says what becomes of the operands of a return statement with calls pending:
// "Results" in ../../doc.go.
type Set struct {
	How   How
	Pairs []Pair   // Assign: what is left after x = x is dropped
	Bare  bool     // Assign: the return statement loses its operands
	Temps []string // Store: a name for each operand, or each result of the one call; "" for one that stays
	Reuse bool     // Store: in variables that the function has no other use for any more
	Block bool     // the statements go into a block of their own

	Dropped []ast.Expr // assigned to blanks, before the chain: the return statement goes
}

// How a return statement is lowered.
type How int

const (
	Stay   How = iota // the operands are evaluated behind the chain
	Assign            // to the results, before the chain
	Store             // to other variables, before the chain
	Drop              // nowhere: the chain ends in a panic
)

// A Pair assigns an operand to a result.
type Pair struct {
	Result int
	Value  ast.Expr
}

// A Result is one result of the function.
type Result struct {
	Name    string // as it will be called; "" for unnamed
	Renamed bool   // the signature has to be changed to say so
	Var     *types.Var
	fresh   bool // only return statements can assign to it
}

// Remains is what is left of the body of a deferred literal at an exit, where
// some of its tests for nil have one outcome:
//
//	defer func() {
//		if err != nil {
//			tx.Rollback()
//		}
//	}()
//	if err = tx.Insert(row); err != nil {
//		return err                  // tx.Rollback(), without a test
//	}
//	return nil                          // nothing
type Remains struct {
	Pieces []Piece

	kept    []ast.Node
	dropped []ast.Node
}

// A Piece is a statement of a literal's body that is left.
type Piece struct {
	Stmt  ast.Stmt
	Conds []ast.Expr    // what the condition of an if statement is still made of, by &&; nil for all of it
	Init  *ast.CallExpr // what is left of an if statement: the call that its init statement makes
	To    *ast.Ident    // with Init: the variable that its value is assigned to; nil for none
	Above *ast.IfStmt   // it stands first in the place of that statement; nil if it always stood there
}

// Nothing reports whether nothing is left.
func (r *Remains) Nothing() bool { return r != nil && len(r.Pieces) == 0 }

// drops reports whether what stands at pos in the literal is not left.
func (r *Remains) drops(pos token.Pos) bool {
	return slices.ContainsFunc(r.dropped, func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() })
}

// whole returns all of the body of lit.
func whole(lit *ast.FuncLit) *Remains {
	r := &Remains{kept: []ast.Node{lit.Body}}
	for _, s := range lit.Body.List {
		r.Pieces = append(r.Pieces, Piece{Stmt: s})
	}
	return r
}

// Iterations is what is known of the sites of one loop, if each iteration that goes on
// to the next one passes all of them: entry number j belongs to site j modulo
// the number of sites, and to iteration j divided by it. A record does not say which
// site it is of, and what can be computed again from the number of the iteration is
// not kept:
//
//	for i := range locks {          pending := 0
//		locks[i].Lock()             for i := range locks {
//		defer locks[i].Unlock()         locks[i].Lock()
//	}                                   pending++
//	                      becomes   }
//	                                for pending > 0 {
//	                                    pending--
//	                                    i := pending
//	                                    locks[i].Unlock()
//	                                }
type Iterations struct {
	Var       *types.Var     // counts the iterations; nil where no variable does
	Name      string         // of Var, where an entry needs it; else ""
	Iteration string         // of a variable for the number of the iteration; "" where none is needed
	Value     string         // what Var is in that iteration
	Bare      *ast.RangeStmt // the loop, where it has no other use for Var; else nil

	first, step int64
}

// Grow says how many iterations a loop makes at most that adds a record in each, so
// that there is room for all of them before it starts:
//
//	var buf [16]*os.File
//	files := buf[:0]
//	if len(names) > len(buf) {
//		files = make([]*os.File, 0, min(len(names), 1024))
//	}
//	for _, name := range names {
//
// Beyond MostAtOnce it grows by itself: the loop may end long before.
type Grow struct {
	Loop  ast.Stmt
	Count ast.Expr // of type int, or what has a length
	Len   bool     // the number of iterations is its length
}

// MostAtOnce is how many records get room at once.
const MostAtOnce = 1024

// A Loss is a place where -unwind=none changes what the program does. Calls of
// recover are losses, too, also where nothing is deferred: see
// analysis.RecoverCalls.
type Loss struct {
	Pos token.Pos
	Why Reason
}
