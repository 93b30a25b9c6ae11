package nopanic

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A Prover answers what may come out of functions of one package. What other
// packages' functions do it takes from a store.
type Prover struct {
	pkg    *syntax.Package
	facts  facts.Store
	global *analysis.Globals
	decls  map[*types.Func]*decl
	known  map[*types.Func]*summary // nil where the proof is under way
	always map[*syntax.File]bool    // files without build constraints

	literals map[*analysis.Unit]map[*ast.FuncLit]*fact // see around
}

// New returns the prover for pkg, whose variables globals knows. Where known is nil, nothing is
// known of other packages.
func New(pkg *syntax.Package, known facts.Store, globals *analysis.Globals) *Prover {
	l := &Prover{
		pkg: pkg, facts: known, global: globals,
		decls: map[*types.Func]*decl{}, known: map[*types.Func]*summary{}, always: map[*syntax.File]bool{},
		literals: map[*analysis.Unit]map[*ast.FuncLit]*fact{},
	}
	for _, file := range pkg.Files {
		for _, d := range file.Syntax.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Body != nil {
				if fn, ok := pkg.Info.Defs[fd.Name].(*types.Func); ok {
					l.decls[fn] = &decl{file, fd}
				}
			}
		}
	}
	return l
}

// Prove adds to funcs what is proved of the functions that other packages may call.
func (l *Prover) Prove(funcs map[string]facts.Func) {
	functions := slices.SortedFunc(maps.Keys(l.decls), func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, fn := range functions {
		if !fn.Exported() {
			continue
		}
		d := l.decls[fn]
		s := l.summary(fn, d)
		f := funcs[facts.Name(fn)]
		f.Proved, f.Panic, f.Needs = true, s.obstacle, slices.Sorted(maps.Keys(s.needs))
		f.File, f.Always = d.file.Name, l.everywhere(d.file)
		funcs[facts.Name(fn)] = f
	}
}

type decl struct {
	file *syntax.File
	syn  *ast.FuncDecl
}

// of returns the summary of fn, which is called in the file from; nil where nothing
// is known of its source. Where another build may have another fn, elsewhere is the
// file that this build has it from, and nothing is proved.
func (l *Prover) of(fn *types.Func, from *syntax.File) (s *summary, elsewhere string) {
	fn = fn.Origin()
	if fn.Pkg() == l.pkg.Types {
		d := l.decls[fn]
		if d == nil {
			return nil, ""
		}
		if !l.pkg.OneBuild && d.file != from && !(l.everywhere(d.file) && testsAsWell(d.file.Name, from.Name)) {
			return nil, filepath.Base(d.file.Name)
		}
		return l.summary(fn, d), ""
	}
	if l.facts == nil {
		return nil, ""
	}
	f, ok := l.facts.Get(fn)
	switch {
	case !ok || !f.Proved:
		return nil, ""
	case !l.pkg.OneBuild && (!f.Always || !testsAsWell(f.File, from.Name)):
		return nil, filepath.Base(f.File)
	}
	s = &summary{obstacle: f.Panic, needs: map[int]bool{}}
	for _, i := range f.Needs {
		s.needs[i] = true
	}
	return s, ""
}

// neverNil reports whether v, a variable of the package, is never nil, in any build.
func (l *Prover) neverNil(v *types.Var) bool {
	if !l.global.Made(v) {
		return false
	}
	i := slices.IndexFunc(l.pkg.Files, func(f *syntax.File) bool {
		return f.Syntax.FileStart <= v.Pos() && v.Pos() < f.Syntax.FileEnd
	})
	return i >= 0 && (l.pkg.OneBuild || l.everywhere(l.pkg.Files[i]))
}

// everywhere reports whether every build has the file, apart from tests.
func (l *Prover) everywhere(file *syntax.File) bool {
	always, seen := l.always[file]
	if !seen {
		always = unconstrained(file, l.pkg.GoVersion)
		l.always[file] = always
	}
	return always
}

// summary returns what d does, and remembers it. A function whose proof is under way
// calls itself, and proves nothing.
func (l *Prover) summary(fn *types.Func, d *decl) *summary {
	if s, seen := l.known[fn]; seen {
		if s == nil { // its proof is under way
			return &summary{obstacle: &facts.Obstacle{Pos: facts.At(l.pkg.Fset, d.syn.Pos()), Recursive: true}}
		}
		return s
	}
	l.known[fn] = nil
	s := l.prove(fn, d)
	l.known[fn] = s
	return s
}

// prove walks through the body of d.
func (l *Prover) prove(fn *types.Func, d *decl) *summary {
	w := l.walker(d.file, analysis.NewVars(l.pkg.Info, d.syn, !d.file.GoAtLeast("go1.22")))
	for i, v := range parameters(fn.Signature()) {
		if nilable(v.Type()) {
			w.params[v] = i
		}
	}
	w.promises(d.syn)
	w.body(d.syn.Body)
	return &summary{obstacle: cmp.Or(w.first, w.rare), needs: w.needs}
}

func (l *Prover) walker(file *syntax.File, vars *analysis.Vars) *walker {
	return &walker{
		known: known{
			info: l.pkg.Info, vars: vars, global: l.neverNil, literals: map[*types.Var]*literal{},
			perLoop: map[*types.Var]bool{}, timers: map[*types.Var]bool{}, params: map[*types.Var]int{}, needs: map[int]bool{},
			unsafe: slices.ContainsFunc(l.pkg.Files, func(f *syntax.File) bool { return imports(f, "unsafe") || imports(f, "C") }),
		},
		findings: findings{fset: l.pkg.Fset}, file: file, of: l.of,
		calls: map[string]bool{}, walked: map[*ast.FuncLit]bool{},
	}
}
