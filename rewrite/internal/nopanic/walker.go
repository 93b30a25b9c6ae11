package nopanic

import (
	"bytes"
	"go/ast"
	"go/types"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A summary says of a function that it is total if certain parameters are not
// nil, or what may come out of it.
type summary struct {
	obstacle *facts.Obstacle
	needs    map[int]bool // parameters, the receiver first
}

// A walker goes through a function body in the order of the source.
type walker struct {
	known
	findings
	file     *syntax.File
	of       func(fn *types.Func, from *syntax.File) (s *summary, elsewhere string) // see Prover.of
	calls    map[string]bool                                                        // functions that the proof went into
	walked   map[*ast.FuncLit]bool                                                  // literals whose body has been walked through
	frame    *analysis.Func                                                         // nil for a function that is called
	atSite   map[*ast.DeferStmt]*fact                                               // what is known at each site
	framesAt map[*ast.DeferStmt][]frame                                             // where each site stands
	around   map[*ast.FuncLit]*fact                                                 // what is known in each literal; nil where nobody asks
	atStmt   *fact                                                                  // what is known in front of the statement under way
}

// gotos reports whether the function has a goto, so that nothing is learned from what
// stands before.
func (w *walker) gotos() bool { return w.frame != nil && w.frame.HasGoto }

// promises notes a //dedefer:max comment in n: it may turn out wrong, and panic.
func (w *walker) promises(n ast.Node) {
	if !bytes.Contains(w.file.Src, []byte(analysis.MaxMark)) {
		return
	}
	for _, g := range w.file.Syntax.Comments {
		for _, c := range g.List {
			if n.Pos() <= c.Pos() && c.Pos() < n.End() && strings.HasPrefix(c.Text, analysis.MaxMark) {
				w.obstacle(c.Pos(), "the promise of a bound may break")
			}
		}
	}
}
