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
	out := &outside{rewriter: r, in: in, opened: map[string]*analysis.Interrupts{}, defers: map[string]token.Position{}}
	reached := in.Reached(out.caller)
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		by := reached[name]
		if c := in.Funcs[name]; c != nil {
			for _, f := range rep.Functions {
				if !encloses(c, f.Pos) || !keepsNative(f) {
					continue
				}
				reaches := "reaches " + f.Name + ", which"
				if by.Handler == name {
					reaches = "itself"
				}
				errs = append(errs, Error{Pos: f.Sites[0].Pos, Msg: fmt.Sprintf("interrupt handler %s %s keeps a native defer: %s; with -unwind=none it has none", by.Handler, reaches, why)})
			}
			continue
		}
		pos, ok := out.defers[name]
		if !ok {
			continue
		}
		at := pos
		if c := in.Funcs[by.Handler]; c != nil {
			at = c.From
		}
		if by.Via != "" {
			name += " by way of " + by.Via
		}
		errs = append(errs, Error{Pos: at, Msg: fmt.Sprintf("interrupt handler %s reaches %s, which is not rewritten and has a defer statement (%s): %s", by.Handler, name, pos, why)})
	}
	return errs
}

// outside looks into packages that are not rewritten.
type outside struct {
	*rewriter
	in     *analysis.Interrupts
	opened map[string]*analysis.Interrupts // by path; nil for one that does not type-check
	defers map[string]token.Position       // the first defer statement of functions that have one
}

// caller returns what a function calls, unless it has a defer statement itself,
// which is enough. Package runtime is not looked into: it is the compiler's, and
// what it does in an interrupt is, too.
func (o *outside) caller(name string) *analysis.Caller {
	fn := o.in.Outside[name]
	if fn == nil || fn.Pkg().Path() == "runtime" {
		return nil
	}
	path := fn.Pkg().Path()
	if pos := o.deferIn(path, facts.Name(fn)); pos.IsValid() {
		o.defers[name] = pos
		return nil
	}
	found, ok := o.opened[path]
	if !ok {
		if p := o.prog.loaded.OpenDep(path); p != nil {
			found = analysis.FindInterrupts(p)
			maps.Copy(o.in.Outside, found.Outside)
			for name, c := range found.Funcs {
				if c.Func != nil {
					o.in.Outside[name] = c.Func
				}
			}
		}
		o.opened[path] = found
	}
	if found == nil {
		return nil
	}
	return found.Funcs[name]
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
