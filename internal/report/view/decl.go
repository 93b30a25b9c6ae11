// Package view makes, of what a rewriting did to a file, the data that the pages show:
// the lines before and after, as HTML, and what each was made for; the sites, exits,
// guards and graph of each function.
package view

import (
	"slices"

	"github.com/dedefer/dedefer/rewrite/lowering"
)

// A File has functions with defer statements.
type File struct {
	Name  string
	Old   []byte
	New   []byte          // nil where nothing changed
	Lines []lowering.Line // of New
}

// A Chunk has the functions of a file, in order. What is in it is for the script of the
// page, and changes with it: sentences where the JSON of dedefer explain, which has a
// version, has reasons as values, and lines where that has positions.
type Chunk struct {
	Decls     []Decl     `json:"decls"`
	Functions []Function `json:"functions"`
}

// A Decl is a top-level declaration before and after, line by line.
type Decl struct {
	First     int      `json:"first"` // line of the input
	Last      int      `json:"last"`
	Functions []int    `json:"functions"` // of the chunk
	Src       []string `json:"src"`       // HTML of each line
	Out       []Line   `json:"out"`
	At        int      `json:"at"` // line of the output at which Out begins
}

// A Line of lowered code. Its site, exit and guard are [function, index] pairs.
type Line struct {
	HTML  string  `json:"h"`
	From  int     `json:"f,omitempty"` // line of the input
	Func  *int    `json:"n,omitempty"` // made for this function
	Site  *[2]int `json:"s,omitempty"`
	Exit  *[2]int `json:"x,omitempty"`
	Guard *[2]int `json:"g,omitempty"`
	Tail  bool    `json:"t,omitempty"`
}

type Function struct {
	Name   string  `json:"name"`
	Decl   int     `json:"decl"`
	Line   int     `json:"line"`
	Column int     `json:"column"`
	Sites  []Site  `json:"sites"`
	Exits  []Exit  `json:"exits"`
	Guards []Guard `json:"guards"`
	Panics []Panic `json:"panics"`
	Proof  string  `json:"proof,omitempty"`
	Kept   string  `json:"kept,omitempty"`
	Graph  []Block `json:"graph"`
}

type Site struct {
	First    int    `json:"first"`
	Last     int    `json:"last"`
	Column   int    `json:"column"`
	Ref      string `json:"ref"`
	Call     string `json:"call"`
	Strategy string `json:"strategy"`
	Why      string `json:"why"`
	Bit      string `json:"bit,omitempty"`
	Heap     bool   `json:"heap,omitempty"`
	GC       string `json:"gc"`
	GCWhy    string `json:"gcwhy"`
	Cost     string `json:"cost"`
	Remedy   string `json:"remedy,omitempty"`
}

type Exit struct {
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Shared bool   `json:"shared,omitempty"`
	Runs   []Run  `json:"runs"`
}

type Run struct {
	Sites []int  `json:"sites"`
	When  string `json:"when"`
}

type Guard struct {
	Sites []int `json:"sites"`
}

// A Panic, or a Goexit, is what guards are there for.
type Panic struct {
	Guards []int    `json:"guards"`
	What   string   `json:"what"`
	Where  int      `json:"where,omitempty"` // line of what may panic
	Calls  []string `json:"calls,omitempty"`
	More   []string `json:"more,omitempty"`
}

type Block struct {
	Kind   string   `json:"kind"`
	Lines  []int    `json:"lines"`
	Text   []string `json:"text"`
	Succs  []int    `json:"succs"`
	Surely []int    `json:"surely,omitempty"` // pending at its end
	Maybe  []int    `json:"maybe,omitempty"`
	Exit   *int     `json:"exit,omitempty"`
}

// NewChunk cuts the declarations of functions out of a file.
func NewChunk(f File, functions []*lowering.Function) Chunk {
	var c Chunk
	ids := newIDs(functions)
	src := Highlight(f.Old)
	out, lines := src, []lowering.Line(nil)
	if f.New != nil {
		out, lines = Highlight(f.New), f.Lines
	}
	for i, fn := range functions {
		if n := len(c.Decls); n == 0 || c.Decls[n-1].First != fn.First {
			c.Decls = append(c.Decls, declaration(fn, src, out, lines, ids))
		}
		d := &c.Decls[len(c.Decls)-1]
		d.Functions = append(d.Functions, i)
		made := makeFunction(fn)
		made.Decl = len(c.Decls) - 1
		c.Functions = append(c.Functions, made)
	}
	return c
}

func declaration(fn *lowering.Function, src, out []string, lines []lowering.Line, ids ids) Decl {
	d := Decl{First: fn.First, Last: fn.Last, At: fn.First, Src: src[fn.First-1 : min(fn.Last, len(src))]}
	if lines == nil {
		for i, h := range d.Src {
			d.Out = append(d.Out, Line{HTML: h, From: fn.First + i})
		}
		return d
	}
	in := func(l lowering.Line) bool { return fn.First <= l.From && l.From <= fn.Last }
	from := slices.IndexFunc(lines, in)
	if from < 0 {
		return d
	}
	to := len(lines)
	for to > from && !in(lines[to-1]) {
		to--
	}
	d.At = from + 1
	d.Out = makeLines(out[from:min(to, len(out))], lines[from:], ids)
	return d
}

func makeLines(html []string, lines []lowering.Line, ids ids) (list []Line) {
	for i, h := range html {
		l := lines[i]
		line := Line{HTML: h, From: l.From, Tail: l.Tail}
		if n, ok := ids.functions[l.Function]; ok {
			line.Func = &n
		}
		line.Site, line.Exit, line.Guard = ids.of[l.Site], ids.of[l.Exit], ids.of[l.Guard]
		list = append(list, line)
	}
	return list
}

// ids number functions, and tell of the parts of each its function and index.
type ids struct {
	functions map[*lowering.Function]int
	of        map[any]*[2]int // *lowering.Site, *lowering.Exit, *lowering.Guard
}

func newIDs(functions []*lowering.Function) ids {
	x := ids{map[*lowering.Function]int{}, map[any]*[2]int{}}
	for n, f := range functions {
		x.functions[f] = n
		for i, s := range f.Sites {
			x.of[s] = &[2]int{n, i}
		}
		for i, e := range f.Exits {
			x.of[e] = &[2]int{n, i}
		}
		for i, g := range f.Guards {
			x.of[g] = &[2]int{n, i}
		}
	}
	return x
}

func makeFunction(f *lowering.Function) Function {
	out := Function{
		Name: f.Name, Line: f.Pos.Line, Column: f.Pos.Column, Proof: f.Proof.String(), Kept: f.Kept.String(),
		Exits: []Exit{}, Guards: []Guard{}, Panics: []Panic{}, Graph: []Block{},
	}
	index := map[*lowering.Site]int{}
	for i, s := range f.Sites {
		index[s] = i
		out.Sites = append(out.Sites, Site{
			First: s.First, Last: s.Last, Column: s.Pos.Column, Ref: f.Ref(s), Call: s.Call, Strategy: s.Strategy, Why: s.Why.String(),
			Bit: s.Bit, Heap: s.Heap, GC: string(s.GC), GCWhy: s.GCWhy.String(), Cost: s.Cost.String(), Remedy: s.Remedy.String(),
		})
	}
	indices := func(sites []*lowering.Site) (list []int) {
		for _, s := range sites {
			list = append(list, index[s])
		}
		return list
	}
	for _, e := range f.Exits {
		x := Exit{Line: e.Line, Text: e.Text, Shared: e.Shared, Runs: []Run{}}
		for _, r := range e.Runs {
			x.Runs = append(x.Runs, Run{indices(r.Sites), string(r.When)})
		}
		out.Exits = append(out.Exits, x)
	}
	for _, g := range f.Guards {
		out.Guards = append(out.Guards, Guard{indices(g.Sites)})
	}
	for _, same := range f.GuardsByReason() {
		first := same[0].Why[0]
		x := Panic{What: first.Phrase()}
		for _, g := range same {
			x.Guards = append(x.Guards, slices.Index(f.Guards, g))
		}
		if first.Pos.Filename == f.Pos.Filename {
			x.Where = first.Pos.Line
		}
		for _, c := range first.Calls {
			x.Calls = append(x.Calls, c.Pos.String()+": "+c.Phrase())
		}
		for _, why := range same[0].Why[1:] {
			x.More = append(x.More, why.String())
		}
		out.Panics = append(out.Panics, x)
	}
	if f.Graph != nil {
		out.Graph = blocks(f, indices)
	}
	return out
}

// blocks leaves out the blocks that are empty and lead to one other.
func blocks(f *lowering.Function, indices func([]*lowering.Site) []int) []Block {
	all := f.Graph.Blocks
	empty := func(b lowering.Block) bool { return len(b.Text) == 0 && len(b.Succs) == 1 && b.Exit == nil }
	target := func(i int) int {
		for n := 0; empty(all[i]) && n < len(all); n++ {
			i = all[i].Succs[0]
		}
		return i
	}
	start := target(0)
	number := map[int]int{start: 0}
	for i, b := range all {
		if i != start && !empty(b) {
			number[i] = len(number)
		}
	}
	list := make([]Block, len(number))
	for i, n := range number {
		b := all[i]
		out := Block{Kind: b.Kind, Lines: b.Lines, Text: b.Text, Succs: []int{}, Surely: indices(b.Out.Surely), Maybe: indices(b.Out.Maybe)}
		for _, s := range b.Succs {
			if t := number[target(s)]; !slices.Contains(out.Succs, t) {
				out.Succs = append(out.Succs, t)
			}
		}
		if e := slices.Index(f.Exits, b.Exit); b.Exit != nil && e >= 0 {
			out.Exit = &e
		}
		if out.Lines == nil {
			out.Lines, out.Text = []int{}, []string{}
		}
		list[n] = out
	}
	return list
}

// Whole shows a file as if it were one declaration.
func Whole(f File, functions []*lowering.Function) Chunk {
	c := Chunk{Functions: []Function{}}
	src := Highlight(f.Old)
	d := Decl{First: 1, Last: len(src), At: 1, Src: src, Functions: []int{}}
	for i, fn := range functions {
		d.Functions = append(d.Functions, i)
		c.Functions = append(c.Functions, makeFunction(fn))
	}
	if f.New == nil {
		for i, h := range src {
			d.Out = append(d.Out, Line{HTML: h, From: i + 1})
		}
	} else {
		out := Highlight(f.New)
		d.Out = makeLines(out[:min(len(out), len(f.Lines))], f.Lines, newIDs(functions))
	}
	c.Decls = []Decl{d}
	return c
}
