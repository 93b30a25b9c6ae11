package plan

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// Beyond so many lines, written out at all exits together, these share one tail.
// Its block moves the body to the right as a whole, and a reader has to look up
// what a goto leads to; a few lines again and again are easier to read, and so is
// any number of exits with one call each.
const (
	maxLines     = 48
	linesPerExit = 3
)

// openCoded is the number of exits times deferred calls up to which gc
// open-codes the calls of a function, and openCodedSites how many calls there
// can be (cmd/compile/internal/ssagen, walk).
const (
	openCoded      = 15
	openCodedSites = 8
)

// decideTail decides whether the exits share one tail, and what that takes: "Shared
// exits" in ../../doc.go.
func decideTail(d *draft, shared bool) {
	n := len(d.Sites)
	all := &Tail{Active: analysis.Active{May: analysis.NewBits(n), Must: analysis.Full(n)}, Runs: analysis.NewBits(n)}
	for _, e := range d.Exits {
		e.Plain = e.Runs.Empty()
		if e.Plain || e.Block != nil {
			continue
		}
		all.Exits++
		all.Active.May.Or(e.Active.May)
		all.Active.Must.And(e.Active.Must)
		all.Runs.Or(e.Runs)
	}
	if !shared && (d.Unwinds != nil || !d.shares()) {
		return
	}
	d.Tail = all
	d.Tail.Label, d.Tail.Block = d.Names.Fresh("exit"), declaresBehind(d.Func)
	if d.Tail.Block {
		d.Tail.Redeclared = map[*ast.AssignStmt][]Redeclared{}
		for _, s := range d.Body.List[d.At:] {
			if as, ok := unlabeled(s).(*ast.AssignStmt); ok && as.Tok == token.DEFINE {
				d.Tail.Redeclared[as] = copyHidden(d, as, redeclared(d, as))
			}
		}
	}
}

// shares reports whether the exits share one tail: their calls would be too many
// lines, one stands in a range-over-func loop, or gc then open-codes the guards.
func (d *draft) shares() bool {
	var lines, exits int
	rangeFunc := false
	calls := analysis.NewBits(len(d.Sites))
	for _, e := range d.Exits {
		if e.Runs.Empty() || e.Block != nil {
			continue
		}
		exits++
		for _, s := range d.Sites {
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
	return lines > maxLines && lines >= linesPerExit*exits || d.opensByTail()
}

// opensByTail reports whether gc open-codes the guards of segments where the exits
// share one tail, and only then.
func (d *draft) opensByTail() bool {
	n := d.natives(false)
	return !opens(n, d.returns(false)) && opens(n, d.returns(true))
}

// two reports whether there are two guards if each site outside of cycles has its own. Each
// then says what the defer statement said, which is worth more than that gc open-codes them,
// but not with Options.Keep.
func (d *draft) two() bool { return !d.opts.Keep && !d.HasGoto && d.natives(true) == 2 }

// opens reports whether gc open-codes so many defer statements in a function of so
// many return statements.
func opens(natives, returns int) bool {
	return natives <= openCodedSites && natives*returns <= openCoded
}

// returns returns how many return statements the output has: of the exits that call something,
// one if they share a tail.
func (d *draft) returns(tail bool) (n int) {
	shared := 0
	for _, e := range d.Exits {
		switch {
		case e.Return == nil:
		case tail && !e.Runs.Empty():
			shared = 1
		default:
			n++
		}
	}
	return n + shared
}

// natives returns how many defer statements the output has: those that stay, and a
// guard for each segment or, apart, for each site outside of cycles and for each cycle;
// 0 where there is no guard.
func (d *draft) natives(apart bool) (n int) {
	if d.Unwinds == nil {
		return 0
	}
	var last *Site // of the segment that is open
	for _, s := range d.oldestFirst() {
		switch {
		case s.Stays != nil || s.Own:
			n++
			last = nil
		case s.Unwinds == nil && s.Cycle < 0: // no panic finds it pending
		case last == nil || apart && (s.Cycle < 0 || s.Cycle != last.Cycle):
			n++
			last = s
		}
	}
	return n
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

// redeclared lists the variables of the function's own scope that s assigns to.
func redeclared(d *draft, s *ast.AssignStmt) (list []Redeclared) {
	for i, lhs := range s.Lhs {
		obj, ok := d.info.Uses[lhs.(*ast.Ident)].(*types.Var)
		if !ok || obj.Parent() != d.fn {
			continue
		}
		r := Redeclared{Index: i}
		if len(s.Rhs) != len(s.Lhs) {
			_, call := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
			if !call && !types.Identical(obj.Type(), types.Typ[types.Bool]) && i == 1 { // v, ok := ...
				r.After = typeExpr(d, obj)
			}
			r.Temp = d.Names.Fresh(obj.Name())
			list = append(list, r)
			continue
		}
		tv := d.info.Types[s.Rhs[i]]
		if tv.Value == nil && !tv.IsNil() && !inferred(d.info, s.Rhs[i]) {
			r.Temp = d.Names.Fresh(obj.Name())
			if contextual(d.info, s.Rhs[i]) {
				r.Conv = typeExpr(d, obj)
			}
		}
		list = append(list, r)
	}
	return list
}

// copyHidden gives up conversions to types whose names mean something else at s.
func copyHidden(d *draft, s *ast.AssignStmt, list []Redeclared) []Redeclared {
	for i := range list {
		r := &list[i]
		for _, typ := range []ast.Expr{r.Conv, r.After} {
			if typ != nil && !d.namesVisible(typ, []place{{nil, s.Pos()}}) {
				r.Conv, r.After, r.Copy = nil, nil, true
			}
		}
	}
	return list
}

// typeExpr returns the type of a parameter, result or receiver as it stands in
// the signature.
func typeExpr(d *draft, obj *types.Var) ast.Expr {
	lists := []*ast.FieldList{d.Type.Params, d.Type.Results}
	if d, ok := d.Node.(*ast.FuncDecl); ok {
		lists = append(lists, d.Recv)
	}
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, field := range l.List {
			for _, id := range field.Names {
				if d.info.Defs[id] == obj {
					return field.Type
				}
			}
		}
	}
	return nil
}

// declaresBehind reports whether the body declares variables, behind the
// prologue, in its own list: a goto to a label at the end would jump over them.
func declaresBehind(f *Func) bool {
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
