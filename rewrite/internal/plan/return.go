package plan

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// decideResults settles, for each exit, how its operands reach the caller.
//
// "return f()" sets the results before the chain runs (spec, "Defer
// statements"). That can be seen only where a deferred call reads or writes
// the results, or recovers so that they are returned as they stand. Elsewhere
// the operands just have to be evaluated before the chain.
func decideResults(d *draft) { (&results{d}).decide() }

// decide is decideResults.
func (rs *results) decide() {
	res := rs.Sig.Results()
	named := false
	for i := range res.Len() {
		v := res.At(i)
		named = named || v.Name() != ""
		rs.Results = append(rs.Results, Result{Name: v.Name(), Var: v})
	}
	rs.avoidTypes()
	set := false // the results of some exit are set before the chain
	var exits []*Exit
	for _, e := range rs.Exits {
		if !e.Plain && e.Return != nil && res.Len() > 0 && len(e.Return.Results) > 0 {
			exits = append(exits, e)
			set = set || rs.setFirst(e)
		}
	}
	if res.Len() > 0 && (rs.Tail != nil || len(exits) > 0 && set) {
		rs.nameResults()
		named = true
	}
	at := func(e *Exit) *atExit { return &atExit{draft: rs.draft, results: *rs, values: values{rs.draft, e}} }
	if slices.ContainsFunc(exits, func(e *Exit) bool { return at(e).needsNames(e.Return) }) {
		rs.nameResults() // before others are decided: what they save is not to be called like a result
		named = true
	}
	for _, e := range exits {
		e.Set = at(e).set(rs.setFirst(e), named)
	}
	for _, e := range rs.Exits {
		if e.Return != nil && !e.Plain && (e.Set == nil || e.Set.How == Assign) {
			rs.unhide(e.Return)
		}
	}
}

// atExit settles the results at one exit.
type atExit struct {
	*draft
	results
	values
}

// set says what becomes of the operands. With must, the results have to be set before
// the chain runs; named says that they have names.
func (at *atExit) set(must, named bool) *Set {
	e := at.exit
	ret := e.Return
	if must && at.Tail == nil && !at.mayStand(e) && at.setAlready(ret) {
		return &Set{How: Stay}
	}
	if !must {
		if at.allLate(ret.Results) {
			return &Set{How: Stay}
		}
		if (!named || !at.resultsReachable(ret)) && !at.needsNames(ret) {
			return at.store(ret, named)
		}
	}
	at.nameResults()
	if !must && at.resultsReachable(ret) && !at.returnsLock() {
		return at.storeInResults(ret)
	}
	s := &Set{How: Assign, Bare: true}
	if len(ret.Results) != len(at.Results) { // return f() with several results
		s.Pairs = []Pair{{-1, ret.Results[0]}}
		return s
	}
	for i, x := range ret.Results {
		if at.isResult(i, x) {
			continue
		}
		if at.Results[i].fresh && isZero(at.info, x, at.Results[i].Var.Type()) {
			continue
		}
		if e.known[at.Results[i].Var] && at.info.Types[x].IsNil() { // it is nil already
			continue
		}
		s.Pairs = append(s.Pairs, Pair{i, x})
	}
	s.Bare = len(s.Pairs) > 0 || at.Tail != nil || !at.allSimple(ret.Results) || slices.ContainsFunc(at.Results, func(r Result) bool { return !at.settled(r.Var) })
	return s
}

// needsNames reports whether an operand can only be assigned to its result: its type comes from
// there, or the order of the operands, or it is not to be copied.
func (at *atExit) needsNames(ret *ast.ReturnStmt) bool {
	return !at.allLate(ret.Results) && (at.anyContextual(ret.Results) || at.anyConverted(ret.Results) || at.returnsLock())
}

// returnsLock reports whether a result has a lock in it. go vet (copylocks) lets a return statement
// return a literal or what a call returns, but no variable that holds it.
func (at *atExit) returnsLock() bool {
	return slices.ContainsFunc(at.Results, func(r Result) bool { return holdsLock(r.Var.Type()) })
}

// setAlready reports whether the return statement may stay behind the chain, though calls of
// that may see a result: each operand is the result itself, or no call sees that result and
// the operand may as well be evaluated late. In
//
//	return nil, err
//
// err is the result that a deferred literal looks at.
func (at *atExit) setAlready(ret *ast.ReturnStmt) bool {
	if len(ret.Results) != len(at.Results) {
		return false
	}
	for i, x := range ret.Results {
		if !at.isResult(i, x) && (at.resultVisible(at.exit, at.Results[i]) || !at.late(x)) {
			return false
		}
	}
	return true
}

// storeInResults saves in the results what the operands return, before the chain runs, which
// does not see them:
//
//	err = p.err
//	p.mu.Unlock()
//	return 0, err
//
// What reads a result that is saved so is saved with it: "a, b = b, f()".
func (at *atExit) storeInResults(ret *ast.ReturnStmt) *Set {
	s := &Set{How: Store, Reuse: true, Temps: make([]string, len(at.Results))}
	spread := len(ret.Results) != len(at.Results)
	var changed []*types.Var
	for again := true; again; {
		again = false
		for i, r := range at.Results {
			if s.Temps[i] != "" || !spread && (at.isResult(i, ret.Results[i]) || at.late(ret.Results[i]) && !says(at.info, ret.Results[i], changed...)) {
				continue
			}
			s.Temps[i] = r.Name
			changed = append(changed, r.Var)
			again = true
		}
	}
	return s
}

// isResult reports whether x is the variable of the i-th result.
func (at *atExit) isResult(i int, x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && at.info.Uses[id] == at.Results[i].Var
}

// store saves what the operands return in variables, before the chain runs.
func (at *atExit) store(ret *ast.ReturnStmt, named bool) *Set {
	s := &Set{How: Store, Block: at.HasGoto, Reuse: true}
	spread := len(ret.Results) != len(at.Results)
	r := &returning{at: at, ret: ret, apart: s.Block, anywhere: named || !s.Block && !endsList(at.Body, ret), said: map[string]bool{}}
	for _, site := range at.Sites {
		r.says(site.Stmt.Call)
		if cond := at.onlyIn(site); cond != nil { // see askAgain
			r.says(cond.Cond)
		}
	}
	stays := func(i int) bool { return !spread && at.late(ret.Results[i]) }
	for i := range at.Results {
		if stays(i) {
			r.says(ret.Results[i])
		}
	}
	hints := func(i int) []string {
		if !spread && at.Results[i].Name == "" {
			return append(fieldHint(at.info, ret.Results[i], at.Results[i].Var.Type()), at.resultHints(i)...)
		}
		return at.resultHints(i)
	}
	if r.anywhere {
		if s.Temps = r.reuseAll(stays, hints); s.Temps != nil {
			return s
		}
	}
	for i := range at.Results {
		name := ""
		if !stays(i) {
			var reused bool
			name, reused = r.name(i, hints(i))
			s.Reuse = s.Reuse && reused
		}
		s.Temps = append(s.Temps, name)
	}
	return s
}

// anyConverted reports whether the order of the operands depends on the conversion of
// one to the interface type of its result, as in operands.box.
func (at *atExit) anyConverted(list []ast.Expr) bool {
	for i, x := range list[:len(list)-1] {
		if analysis.IsInterface(at.Results[i].Var.Type()) && !analysis.IsInterface(at.info.TypeOf(x)) &&
			!at.simple(x) && slices.ContainsFunc(list[i+1:], hasCall) {
			return true
		}
	}
	return false
}

// returning names what a return statement returns. Behind it nothing in the
// function is needed any more but by the calls that are pending, so the names
// may mean something else further out:
//
//	if err := check(x); err != nil {
//		err := fmt.Errorf("check: %w", err)
//		mu.Unlock()
//		return err
//	}
//
// A variable that nothing else has a use for takes the value itself: above,
// err = fmt.Errorf(...).
type returning struct {
	at       *atExit
	ret      *ast.ReturnStmt
	apart    bool            // the statements go into a block of their own
	anywhere bool            // the names have to be new in the whole declaration
	said     map[string]bool // names that have to go on meaning what they do
}

// says notes that the names in n have to mean what they do.
func (r *returning) says(n ast.Node) {
	eachName(r.at.info, n, func(id *ast.Ident) { r.said[id.Name] = true })
}

// reuseAll returns the names of variables that the function has already, for all results but those that
// stay; nil where there is none for one of them. None is a result itself, which a panic would
// give to the caller.
//
//	status, err = copyFiles(src, dst)        not status1, err1 := copyFiles(src, dst)
//	release()                                    release()
//	return status, err                           return status1, err1
func (r *returning) reuseAll(stays func(int) bool, hints func(int) []string) []string {
	said := maps.Clone(r.said)
	names := make([]string, len(r.at.Results))
	for i := range names {
		if stays(i) {
			continue
		}
		j := slices.IndexFunc(hints(i), func(hint string) bool { return r.mayReuse(hint, i) && !r.isResult(hint) })
		if j < 0 {
			r.said = said
			return nil
		}
		names[i] = hints(i)[j]
		r.said[names[i]] = true
	}
	return names
}

// isResult reports whether name means a result where the return statement stands.
func (r *returning) isResult(name string) bool {
	_, obj := r.at.fn.Innermost(r.ret.Pos()).LookupParent(name, r.ret.Pos())
	return slices.ContainsFunc(r.at.Results, func(res Result) bool { return types.Object(res.Var) == obj })
}

// name returns the name of a variable for the i-th result. reused says that the
// function has that variable already.
func (r *returning) name(i int, hints []string) (name string, reused bool) {
	if r.anywhere {
		return r.at.Names.Fresh(hints[0]), false
	}
	defer func() { r.said[name] = true }()
	for _, hint := range hints {
		if r.mayReuse(hint, i) {
			return hint, true
		}
	}
	free := func(name string) bool { return r.free(name, r.at.Results[i].Var.Type()) }
	return r.at.Names.Local(free, hints...), false
}

// free reports whether name may be that of a new variable of type t. It may hide one of that type
// further out, which a reader takes for the same.
func (r *returning) free(name string, t types.Type) bool {
	scope := r.at.fn.Innermost(r.ret.Pos())
	_, obj := scope.LookupParent(name, r.ret.Pos())
	_, isVar := obj.(*types.Var)
	if r.said[name] || obj != nil && !(isVar && types.Identical(obj.Type(), t)) {
		return false
	}
	if r.apart {
		return true
	}
	parameter := obj != nil && scope == r.at.fn && r.at.mayBeLifted()
	return scope.Lookup(name) == nil && !parameter
}

// mayBeLifted reports whether the function is a deferred literal that lift may move,
// with what it captures as its parameters.
func (d *draft) mayBeLifted() bool {
	for _, f := range d.Unit.Unit.Funcs {
		for _, s := range f.Sites {
			if s.Callee.Lit == d.Node && s.Cycle >= 0 {
				return true
			}
		}
	}
	return false
}

// mayReuse reports whether the variable called name may take the i-th result: the
// types are the same, and nothing uses it any more.
func (r *returning) mayReuse(name string, i int) bool {
	_, obj := r.at.fn.Innermost(r.ret.Pos()).LookupParent(name, r.ret.Pos())
	v, ok := obj.(*types.Var)
	return ok && !r.said[name] && types.Identical(v.Type(), r.at.Results[i].Var.Type()) && r.at.Unit.Vars.OnlyIn(v, r.at.Node)
}

// endsList reports whether ret is the last statement of its list.
func endsList(body *ast.BlockStmt, ret *ast.ReturnStmt) (ends bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		ends = ends || len(list) > 0 && list[len(list)-1] == ret
		return !ends
	})
	return ends
}
