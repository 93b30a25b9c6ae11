package nopanic

import (
	"go/ast"
	"go/token"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// findings are what a walk has found that may panic, of all that runs while calls
// are pending.
type findings struct {
	fset   *token.FileSet
	site   *analysis.Site  // the first one of a function with sites; nil for a function that is called
	until  token.Pos       // where nothing is pending any more; token.NoPos where that is not known
	idle   bool            // only learn
	first  *facts.Obstacle // nil so far
	rare   *facts.Obstacle // the first one that hardly any instance of a generic function has
	atExit *facts.Obstacle // the first one in the deferred calls
}

// matters reports whether calls may be pending while n runs. What stands before the
// first site, or before the loop that this is in, is over by then:
//
//	x := s[0]          // does not matter: nothing is pending yet
//	defer mu.Unlock()
//	y := s[1]          // matters
//
// Nor does what stands behind the last statement list with a site, if that returns (see
// over). Once an obstacle has been found, nothing matters any more.
func (fi *findings) matters(n ast.Node) bool {
	switch {
	case fi.idle || fi.first != nil:
		return false
	case fi.site == nil:
		return true
	case fi.until.IsValid() && n.Pos() >= fi.until:
		return false
	case fi.site.Cycle < 0:
		return n.End() > fi.site.Stmt.Pos()
	case len(fi.site.Loops) > 0:
		return n.End() > fi.site.Loops[0].Stmt.Pos()
	}
	return true
}

// obstacle notes that something at pos may panic, whatever it is about.
func (fi *findings) obstacle(pos token.Pos, what string) {
	if fi.first == nil && !fi.idle {
		fi.first = &facts.Obstacle{Pos: facts.At(fi.fset, pos), What: what}
	}
}

// may notes that n may panic, if it matters.
func (fi *findings) may(n ast.Node, what string) {
	if fi.matters(n) {
		fi.obstacle(n.Pos(), what)
	}
}

// mayRarely notes that n may panic with a type argument that people do not think of.
// That is a reason only where there is no other.
func (fi *findings) mayRarely(n ast.Node, what string) {
	if fi.matters(n) && fi.rare == nil {
		fi.rare = &facts.Obstacle{Pos: facts.At(fi.fset, n.Pos()), What: what}
	}
}
