package lowering

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A Report tells what was decided and why.
type Report struct {
	Sites  []Site     // in order of position
	Guards []Function // functions that keep a guard, in order of position
	Proofs []Function // with Unwind Native: functions that need none, in order of position
	Losses []Loss     // with Unwind None: where the program changes, in order of position
}

// A Site is one defer statement.
type Site struct {
	Pos      token.Position
	Function string // such as "F", "(*T).M", "F.func1", "init"
	Call     string // the deferred call, on one line, shortened
	Strategy string // "direct", "bit", "record", ...
	Heap     bool   // it needs a record on the heap
	Reason   string
	Remedy   string // with Heap: what would keep the record in the frame
}

// A Function is a function with at least one site.
type Function struct {
	Pos    token.Position
	Name   string
	Reason string // why it keeps a guard, or needs none
}

// A Loss is a place where Unwind None changes what the program does: a recover
// that can no longer fire, a Goexit that leaves calls pending, a function whose
// deferred calls only recover.
type Loss struct {
	Pos      token.Position
	Function string
	What     string
}

// Add adds what another report says.
func (r *Report) Add(s *Report) {
	r.Sites = append(r.Sites, s.Sites...)
	r.Guards = append(r.Guards, s.Guards...)
	r.Proofs = append(r.Proofs, s.Proofs...)
	r.Losses = append(r.Losses, s.Losses...)
}

// unit adds what was decided about a declaration.
func (r *Report) unit(pu *plan.Unit) {
	fset := pu.Pkg.Fset
	for _, f := range pu.Funcs {
		for _, s := range f.Sites {
			site := Site{
				Pos: fset.Position(s.Stmt.Pos()), Function: f.Name, Call: callText(fset.File(s.Stmt.Pos()), pu.File.Src, s.Stmt.Call),
				Strategy: s.Strategy, Heap: s.Heap, Reason: s.Reason,
			}
			if s.Heap {
				site.Remedy = s.Remedy()
			}
			r.Sites = append(r.Sites, site)
		}
		for _, l := range f.Losses {
			r.Losses = append(r.Losses, Loss{Pos: fset.Position(l.Pos), Function: f.Name, What: l.What})
		}
		if f.Guard != nil {
			r.Guards = append(r.Guards, Function{Pos: fset.Position(f.Node.Pos()), Name: f.Name, Reason: f.Guard.Reason})
		}
		if f.Proof != "" {
			r.Proofs = append(r.Proofs, Function{Pos: fset.Position(f.Node.Pos()), Name: f.Name, Reason: f.Proof})
		}
	}
}

// callText writes a deferred call on one line, without comments, as far as
// there is room for it: a literal may have thousands of lines.
func callText(tf *token.File, src []byte, call *ast.CallExpr) string {
	const room = 60
	from, to := tf.Offset(call.Pos()), tf.Offset(call.End())
	part := token.NewFileSet().AddFile("", -1, to-from)
	var scan scanner.Scanner
	scan.Init(part, src[from:to], nil, 0)
	var b strings.Builder
	end := 0 // of the token before
	for n := 0; n <= 4*room; n = b.Len() {
		pos, tok, lit := scan.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if lit == "" {
			lit = tok.String()
		}
		if at := part.Offset(pos); at > end {
			b.WriteByte(' ')
			end = at
		}
		end += len(lit)
		b.WriteString(strings.Join(strings.Fields(lit), " ")) // a raw string has lines
	}
	if r := []rune(b.String()); len(r) > room {
		return string(r[:room-3]) + "..."
	}
	return b.String()
}
