package plan

import (
	"go/ast"
	"go/types"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/nopanic"
)

// A draft is the plan of a function while it is made: what is decided so far, and
// what the steps ask about its source.
type draft struct {
	*Func
	scope
	proofs
	*spelling
	opts     Options
	declares map[string]bool // names that mean something else inside the declaration
}

// Options are what the user chose.
type Options struct {
	Native  bool // panics and Goexit run the chain
	Keep    bool // defer statements stay where gc's own code is at least as good
	Prover  *nopanic.Prover
	Globals *analysis.Globals
	Facts   facts.Store // of functions that are called
}

// declaredIn returns the names that decl declares, in whatever scope.
func declaredIn(decl ast.Decl, info *types.Info) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(decl, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if _, isDef := info.Defs[id]; isDef {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

// start returns the place where the variables and the first guard go.
func (d *draft) start() place {
	if len(d.Body.List) == 0 {
		return d.end()
	}
	return place{d.fn, d.Body.List[d.At].Pos()}
}

// places lists the places at which the call of s is written: in its guard, and at
// each exit or in the tail.
func (d *draft) places(s *Site) []place {
	var at []place
	if d.Tail != nil || s.Records != nil {
		at = append(at, d.start())
	}
	if s.Guard != nil {
		at = append(at, place{nil, s.Guard.Before.Pos()})
	}
	if d.Tail != nil {
		if !d.Tail.Block { // what the body declares is in scope
			at = append(at, d.end())
		}
		return at
	}
	for _, e := range d.Exits {
		if e.Runs.Has(s.Index) {
			at = append(at, d.placeOf(e))
		}
	}
	return at
}

// placeOf returns the place of the chain at e.
func (d *draft) placeOf(e *Exit) place {
	switch {
	case e.Block != nil: // behind a constant that a clause may declare last
		return place{d.info.Scopes[e.Block], e.Block.End()}
	case e.Return == nil:
		return d.end()
	}
	return place{nil, e.Pos}
}

// end returns the place at the end of the body.
func (d *draft) end() place { return place{d.fn, d.Body.Rbrace} }

// spell writes type t as Go source for the place at, or reports that it
// cannot be named there: it is declared inside the body, or belongs to another
// package that does not export it, or one of its names means something else.
func (d *draft) spell(t types.Type, at place) (string, bool) {
	sp := &speller{spelling: d.spelling, scope: d.scope, at: at, ok: true}
	sp.typ(t)
	return sp.b.String(), sp.ok
}

// spellAnywhere is spell for text that may be written wherever code is added.
func (d *draft) spellAnywhere(t types.Type) (string, bool) {
	text, ok := d.spell(t, d.start())
	for _, at := range d.anywhere() {
		there, spelled := d.spell(t, at)
		ok = ok && spelled && there == text
	}
	return text, ok
}

// anywhere lists where code is added, but for the start.
func (d *draft) anywhere() []place {
	at := []place{d.end()}
	for _, e := range d.Exits {
		at = append(at, d.placeOf(e))
	}
	for _, s := range d.Sites {
		at = append(at, place{nil, s.Stmt.Pos()})
	}
	return at
}

// predeclared reports whether name means the predeclared identifier at the start of
// the function, at its sites and at its exits: wherever code is added. New names hide
// nothing.
func (d *draft) predeclared(name string) bool {
	obj := types.Universe.Lookup(name)
	if !d.visibleAt(obj, name, []place{d.start()}) {
		return false
	}
	if !d.declares[name] {
		return true
	}
	return d.visibleAt(obj, name, d.anywhere())
}

// isGeneric reports whether the declaration has type parameters, of its own or of its
// receiver.
func (d *draft) isGeneric() bool {
	decl, ok := d.Unit.Decl.(*ast.FuncDecl)
	if !ok {
		return false
	}
	sig := d.info.Defs[decl.Name].Type().(*types.Signature)
	return sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0
}

// goAtLeast reports whether the language version of the file is version, such as
// "go1.22", or a later one.
func (d *draft) goAtLeast(version string) bool { return d.Unit.File.GoAtLeast(version) }
