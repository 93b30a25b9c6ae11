package analysis

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/types/typeutil"
)

// flow builds the control-flow graph of f, finds its cycles and computes the
// active set at each site and exit, by forward dataflow.
func (f *Func) flow(rangeFunc map[*ast.ReturnStmt]bool) {
	g := graph(f.Unit.Pkg.Info, f.Body)
	sites := map[*ast.DeferStmt]*Site{}
	for _, s := range f.Sites {
		sites[s.Stmt], s.Dead = s, true
	}
	component, cyclic, count := components(g)
	f.number(g, sites, component, cyclic, count)

	// With flow, so that a graph without cycles needs one round.
	order := slices.Clone(g.Blocks)
	slices.SortStableFunc(order, func(a, b *cfg.Block) int {
		return component[b.Index] - component[a.Index]
	})
	in := make([]*Active, len(g.Blocks))
	in[0] = &Active{NewBits(len(f.Sites)), NewBits(len(f.Sites))}
	for changed := true; changed; {
		changed = false
		for _, b := range order {
			if in[b.Index] == nil {
				continue
			}
			out := f.transfer(b, in[b.Index], sites, nil)
			for _, succ := range b.Succs {
				changed = join(&in[succ.Index], out) || changed
			}
		}
	}
	f.graph, f.in = g, in
	for _, b := range g.Blocks {
		if b.Live {
			f.transfer(b, in[b.Index], sites, func(ret *ast.ReturnStmt, a Active) {
				e := &Exit{Return: ret, Pos: ret.Pos(), Active: a, InRangeFunc: rangeFunc[ret]}
				if ret.Pos() == f.Body.Rbrace {
					e.Return = nil
				}
				f.Exits = append(f.Exits, e)
			})
		}
	}
}

// graph builds the control-flow graph of a body. Of what may be called, only panic
// is known never to return.
func graph(info *types.Info, body *ast.BlockStmt) *cfg.CFG {
	g := cfg.New(body, func(call *ast.CallExpr) bool { return BuiltinName(info, call) != "panic" })
	endParenthesised(info, g)
	return g
}

// endParenthesised ends a block behind "(panic(x))": cfg.New does not look into the
// parentheses.
func endParenthesised(info *types.Info, g *cfg.CFG) {
	ended := false
	for _, b := range g.Blocks {
		for i, n := range b.Nodes {
			st, ok := n.(*ast.ExprStmt)
			if !ok {
				continue
			}
			if call, ok := ast.Unparen(st.X).(*ast.CallExpr); ok && call != st.X && BuiltinName(info, call) == "panic" {
				b.Nodes, b.Succs, ended = b.Nodes[:i+1], nil, true
				break
			}
		}
	}
	if !ended {
		return
	}
	for _, b := range g.Blocks {
		b.Live = false
	}
	for work := []*cfg.Block{g.Blocks[0]}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if !b.Live {
			b.Live = true
			work = append(work, b.Succs...)
		}
	}
}

// GoesOn reports whether control may reach the end of body, which has no return
// statement.
func GoesOn(info *types.Info, body *ast.BlockStmt) bool {
	return slices.ContainsFunc(graph(info, body).Blocks, func(b *cfg.Block) bool { return b.Live && b.Return() != nil })
}

// join merges what holds behind a predecessor into what holds at the start of a
// block. It reports whether that changed anything.
func join(at **Active, out Active) bool {
	if *at == nil {
		*at = &Active{out.May.Clone(), out.Must.Clone()}
		return true
	}
	more, less := (*at).May.Or(out.May), (*at).Must.And(out.Must)
	return more || less
}

// transfer returns the active set behind b. Where exit is not nil, it also records
// what is pending before each site and at each return.
func (f *Func) transfer(b *cfg.Block, in *Active, sites map[*ast.DeferStmt]*Site, exit func(*ast.ReturnStmt, Active)) Active {
	a := Active{in.May.Clone(), in.Must.Clone()}
	for _, n := range b.Nodes {
		switch n := n.(type) {
		case *ast.DeferStmt:
			s := sites[n]
			if exit != nil {
				s.Before = Active{a.May.Clone(), a.Must.Clone()}
			}
			a.May.Set(s.Index)
			a.Must.Set(s.Index)
		case *ast.ReturnStmt:
			if exit != nil {
				exit(n, Active{a.May.Clone(), a.Must.Clone()})
			}
		case *ast.ExprStmt:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && exit != nil && EndsProgram(f.Unit.Pkg.Info, call) {
				f.Ends = append(f.Ends, &End{call, Active{a.May.Clone(), a.Must.Clone()}})
			}
		}
	}
	return a
}

// number gives each site that a path leads to its order of execution, and its cycle,
// if it is in one.
func (f *Func) number(g *cfg.CFG, sites map[*ast.DeferStmt]*Site, component []int, cyclic []bool, count int) {
	cycles := map[int]int{}
	perComponent := 1 + maxNodes(g)
	for _, b := range g.Blocks {
		if !b.Live {
			continue
		}
		c := component[b.Index]
		for i, n := range b.Nodes {
			d, ok := n.(*ast.DeferStmt)
			if !ok {
				continue
			}
			s := sites[d]
			s.Dead = false
			// Tarjan numbers components against the direction of flow.
			s.Order = (count-c)*perComponent + i
			if cyclic[c] {
				if _, ok := cycles[c]; !ok {
					cycles[c] = len(cycles)
				}
				s.Cycle = cycles[c]
			}
		}
	}
	f.Cycles = len(cycles)
}

// ends are functions of the standard library that end the program.
var ends = map[string]bool{
	"os.Exit": true, "syscall.Exit": true,
	"log.Fatal": true, "log.Fatalf": true, "log.Fatalln": true,
	"(*log.Logger).Fatal": true, "(*log.Logger).Fatalf": true, "(*log.Logger).Fatalln": true,
}

// EndsProgram reports whether call is one of a function of the standard library that ends the
// program.
func EndsProgram(info *types.Info, call *ast.CallExpr) bool {
	fn := typeutil.StaticCallee(info, call)
	return fn != nil && ends[fn.FullName()]
}

func maxNodes(g *cfg.CFG) (n int) {
	for _, b := range g.Blocks {
		n = max(n, len(b.Nodes))
	}
	return n
}

// components finds the strongly connected components of the reachable graph,
// by Tarjan's algorithm with an explicit stack (a long function makes a deep
// graph). Components are numbered so that flow goes from larger to smaller.
func components(g *cfg.CFG) (component []int, cyclic []bool, count int) {
	const unseen = -1
	component = make([]int, len(g.Blocks))
	index := make([]int, len(g.Blocks))
	low := make([]int, len(g.Blocks))
	onStack := make([]bool, len(g.Blocks))
	for i := range index {
		index[i], component[i] = unseen, unseen
	}
	type frame struct{ block, next int }
	var frames []frame
	var stack []int
	next := 0
	visit := func(b int) {
		index[b], low[b], onStack[b] = next, next, true
		next++
		stack = append(stack, b)
		frames = append(frames, frame{block: b})
	}
	visit(0)
	for len(frames) > 0 {
		fr := &frames[len(frames)-1]
		b := fr.block
		if succs := g.Blocks[b].Succs; fr.next < len(succs) {
			s := int(succs[fr.next].Index)
			fr.next++
			switch {
			case index[s] == unseen:
				visit(s)
			case onStack[s]:
				low[b] = min(low[b], index[s])
			}
			continue
		}
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			up := frames[len(frames)-1].block
			low[up] = min(low[up], low[b])
		}
		if low[b] != index[b] {
			continue
		}
		size := 0
		for {
			m := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[m] = false
			component[m] = count
			size++
			if m == b {
				break
			}
		}
		cyclic = append(cyclic, size > 1 || hasSelfEdge(g.Blocks[b]))
		count++
	}
	return component, cyclic, count
}

func hasSelfEdge(b *cfg.Block) bool {
	for _, s := range b.Succs {
		if s == b {
			return true
		}
	}
	return false
}

// BuiltinName returns the name of the builtin that call calls, or "".
func BuiltinName(info *types.Info, call *ast.CallExpr) string {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if b, ok := info.Uses[fun].(*types.Builtin); ok {
			return b.Name()
		}
	case *ast.SelectorExpr:
		if b, ok := info.Uses[fun.Sel].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// A Block of the control-flow graph is code without branches.
type Block struct {
	Kind    string // such as "if.then"
	Nodes   []ast.Node
	Succs   []int
	In, Out Active
	Exit    *Exit // at its end, or nil
}

// Flow returns the blocks that some path leads to, the entry first.
func (f *Func) Flow() []Block {
	sites := map[*ast.DeferStmt]*Site{}
	for _, s := range f.Sites {
		sites[s.Stmt] = s
	}
	exits := map[token.Pos]*Exit{}
	for _, e := range f.Exits {
		exits[e.Pos] = e
	}
	number := map[*cfg.Block]int{}
	for _, b := range f.graph.Blocks {
		if f.in[b.Index] != nil {
			number[b] = len(number)
		}
	}
	var blocks []Block
	for _, b := range f.graph.Blocks {
		in := f.in[b.Index]
		if in == nil {
			continue
		}
		block := Block{Kind: b.Kind.String(), Nodes: b.Nodes, In: *in, Out: f.transfer(b, in, sites, nil)}
		for _, s := range b.Succs {
			block.Succs = append(block.Succs, number[s])
		}
		if n := len(b.Nodes); n > 0 {
			if ret, ok := b.Nodes[n-1].(*ast.ReturnStmt); ok {
				block.Exit = exits[ret.Pos()]
				if ret.Pos() == f.Body.Rbrace {
					block.Nodes = b.Nodes[:n-1]
				}
			}
		}
		blocks = append(blocks, block)
	}
	return blocks
}
