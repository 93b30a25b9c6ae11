// Package facts keeps what is known of functions: whether they call recover or
// runtime.Goexit, whether a panic may come out of them, and which of their arguments
// must not be nil for that. A fact is found once, from the syntax of the package that
// declares the function, and is asked for by the packages that call it. It outlives
// the syntax, and the process: positions are file:line:col (package analyzer keeps it).
//
//	store := facts.NewMemory()
//	store.Set(&facts.Package{Path: "p", Funcs: map[string]facts.Func{"T.Close": {}}})
//	f, ok := store.Get(closeMethod) // of (*p.T).Close: ok, and f.Recovers is false
//
// Who asks for a function that no store knows of is told so, and has to take it
// for one that does anything.
package facts

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"sync"
)

// A Func is what is known of a declared function or method.
type Func struct {
	Recovers bool     // it calls recover itself: deferred, it may stop a panic
	Goexit   Position // where it calls runtime.Goexit itself; the zero Position where it does not

	Proved bool      // the rest is known, too
	Panic  *Obstacle // the first thing that may panic or call Goexit; nil where nothing does, given Needs
	Needs  []int     // parameters, the receiver first, that must not be nil for that
	File   string    // the name of its file
	Always bool      // every build of its package has that file
}

// An Obstacle is what may panic or call Goexit, and where.
type Obstacle struct {
	Pos       Position
	What      string    // such as "the index may be out of range"
	Inside    *Obstacle // of a call: what it leads to
	Recursive bool      // it is in functions that call one another: where depends on which was looked at first
}

// A Position is a place in a source file that means the same in any process.
type Position struct {
	File      string
	Line, Col int
}

// At returns the position of pos.
func At(fset *token.FileSet, pos token.Pos) Position {
	p := fset.Position(pos)
	return Position{p.Filename, p.Line, p.Column}
}

// Position returns p in the form of package token.
func (p Position) Position() token.Position {
	return token.Position{Filename: p.File, Line: p.Line, Column: p.Col}
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// A Package is what is known of the functions of one package, by Name.
type Package struct {
	Path  string
	Funcs map[string]Func
}

// Name returns the name of fn in its package: F, or T.M for a method of T or *T.
func Name(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := recv.Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name() + "." + fn.Name()
	}
	return fn.Name()
}

// A Store has the facts of packages. It may be used by several goroutines.
type Store interface {
	// Get returns what is known of fn, the generic function and not an
	// instance of it.
	Get(fn *types.Func) (f Func, ok bool)
	// Set adds what is known of a package. What was known of it before is gone.
	Set(p *Package)
}

// A Memory keeps what it is told. Where it knows nothing of a package, it asks
// the stores behind it, in order.
type Memory struct {
	behind []Store

	mu       sync.RWMutex
	packages map[string]*Package
}

// NewMemory returns a store that knows nothing itself.
func NewMemory(behind ...Store) *Memory {
	return &Memory{behind: behind, packages: map[string]*Package{}}
}

func (m *Memory) Get(fn *types.Func) (f Func, ok bool) {
	if fn.Pkg() == nil { // error.Error
		return Func{}, false
	}
	m.mu.RLock()
	p := m.packages[fn.Pkg().Path()]
	m.mu.RUnlock()
	if p != nil {
		f, ok = p.Funcs[Name(fn)]
		return f, ok
	}
	for _, s := range m.behind {
		if f, ok = s.Get(fn); ok {
			return f, ok
		}
	}
	return Func{}, false
}

func (m *Memory) Set(p *Package) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.packages[p.Path] = &Package{p.Path, maps.Clone(p.Funcs)}
}
