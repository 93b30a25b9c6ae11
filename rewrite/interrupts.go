package rewrite

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// interruptErrors complains of each native defer statement that an interrupt
// handler may reach: TinyGo cannot run one there, since a handler has no
// goroutine that its record could belong to. With Unwind None none is left but in
// functions that are not rewritten, of other modules.
func (r *rewriter) interruptErrors(in *analysis.Interrupts, rep Report) (errs ErrorList) {
	const why = "TinyGo cannot run that in an interrupt (its issue 3225)"
	reached := in.Reached()
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		handler := reached[name]
		if c := in.Funcs[name]; c != nil {
			for _, f := range rep.Functions {
				if !encloses(c, f.Pos) || !keepsNative(f) {
					continue
				}
				reaches := "reaches " + f.Name + ", which"
				if handler == name {
					reaches = "itself"
				}
				errs = append(errs, Error{Pos: f.Sites[0].Pos, Msg: fmt.Sprintf("interrupt handler %s %s keeps a native defer: %s; with -unwind=none it has none", handler, reaches, why)})
			}
			continue
		}
		if fn := in.Outside[name]; fn != nil {
			if pos := r.deferIn(fn.Pkg().Path(), facts.Name(fn)); pos.IsValid() {
				at := pos
				if c := in.Funcs[handler]; c != nil {
					at = c.From
				}
				errs = append(errs, Error{Pos: at, Msg: fmt.Sprintf("interrupt handler %s reaches %s, which is not rewritten and has a defer statement (%s): %s", handler, name, pos, why)})
			}
		}
	}
	return errs
}

func encloses(c *analysis.Caller, pos token.Position) bool {
	return c.From.Filename == pos.Filename && c.From.Offset <= pos.Offset && pos.Offset < c.To.Offset
}

// keepsNative reports whether f has a native defer statement when it is lowered.
func keepsNative(f *Function) bool {
	return len(f.Guards) > 0 || slices.ContainsFunc(f.Sites, func(s *Site) bool { return s.Kept })
}

// deferIn finds the first defer statement of a function of a package that is not
// rewritten, as far as its source can be read.
func (r *rewriter) deferIn(path, name string) (pos token.Position) {
	fset := token.NewFileSet()
	for _, file := range r.prog.loaded.FilesOf(path) {
		src, err := r.prog.loaded.Read(file)
		if err != nil {
			continue
		}
		f, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || facts.Declared(fn) != name {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if d, ok := n.(*ast.DeferStmt); ok && !pos.IsValid() {
					pos = fset.Position(d.Pos())
				}
				return !pos.IsValid()
			})
		}
	}
	return pos
}
