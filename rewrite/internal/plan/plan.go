package plan

import (
	"go/types"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// New plans the functions of a unit. runtime is how the file names what it comes to
// use of the bundled runtime.
func New(u *analysis.Unit, opts Options, imports *Imports, runtime Qualifier) *Unit {
	pu := &Unit{Unit: u, Runtime: runtime, Imports: imports, Names: imports.names.inside(u.Decl), Imported: map[string]string{}}
	if opts.Globals != nil {
		pu.Orders = opts.Globals.Of(u.Decl)
	}
	pu.Names.Use(strings.TrimSuffix(string(runtime), "."))
	spell := &spelling{pkg: u.Pkg, file: u.File, names: pu.Names, imports: imports, imported: pu.Imported}
	declares := declaredIn(u.Decl, u.Pkg.Info)
	for _, af := range u.Funcs {
		f := newFunc(pu, af)
		plan(&draft{
			Func: f, scope: scope{u.Pkg.Info, u.Pkg.Info.Scopes[af.Type]}, spelling: spell,
			proofs: proofs{opts.Prover.Frame(af, opts.Native), map[*Site]bool{}}, opts: opts, declares: declares,
		})
		pu.Funcs = append(pu.Funcs, f)
	}
	return pu
}

func newFunc(u *Unit, af *analysis.Func) *Func {
	f := &Func{Func: af, Unit: u, Names: u.Names.of(af.Node), Renames: map[types.Object]string{}}
	for _, s := range af.Sites {
		f.Sites = append(f.Sites, &Site{Site: s, Func: f, Bit: -1})
	}
	return f
}

// plan takes the steps. Behind each stands what it needs of the steps before it.
func plan(d *draft) {
	findIdle(d)               // nothing
	blockExits(d)             // what is idle
	shared := decideGuards(d) // what is idle
	for _, s := range d.Sites {
		s.Heap = (d.Kept != nil || s.Stays != nil) && (s.Cycle >= 0 || len(s.Loops) > 0)
	}
	if d.Same {
		chooseAll(d) // which defer statements stay
		return
	}
	d.At = prologue(d.Func) // which defer statements stay
	chooseWords(d)          // where the variables stand
	decideTail(d, shared)   // what each exit calls, where the variables stand
	orderChain(d)           // what each exit and guard calls, the words
	decideRemains(d)        // the chain, the tail
	chooseAll(d)            // what each exit and guard calls, the tail, what remains of literals
	decideResults(d)        // the tail, what remains of literals
	planCalls(d)            // the strategies, the tail, the iterations of loops
	askAgain(d)             // the calls
	assignBits(d)           // the strategies, the words, which conditions are asked again
	layOutAll(d)            // the calls
	dropReturns(d)          // the bits, the calls, what becomes of results
	nameAll(d)              // all of these, so that a site's own names come first
	d.Losses = losses(d)    // what is idle
}
