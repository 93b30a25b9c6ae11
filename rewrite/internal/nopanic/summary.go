package nopanic

import (
	"cmp"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/types"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/facts"
	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// A Prover proves what it is asked about the functions of one package, and takes
// what others are known to do from a store.
type Prover struct {
	pkg    *syntax.Package
	facts  facts.Store
	decls  map[*types.Func]*decl
	known  map[*types.Func]*summary // nil where the proof is under way
	always map[*syntax.File]bool    // files without build constraints
}

// New returns the prover for pkg. With known nil nothing is known of functions
// of other packages.
func New(pkg *syntax.Package, known facts.Store) *Prover {
	l := &Prover{
		pkg: pkg, facts: known,
		decls: map[*types.Func]*decl{}, known: map[*types.Func]*summary{}, always: map[*syntax.File]bool{},
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

// Prove adds to funcs what can be proved of the functions that other packages
// may call.
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

// A summary says of a function that it is total if certain parameters are not
// nil, or what may come out of it.
type summary struct {
	obstacle *facts.Obstacle
	needs    map[int]bool // parameters, the receiver first
}

// of returns the summary of a function that is called in a file of the
// package; nil where nothing is known of its source. What other builds leave out
// proves nothing: then elsewhere names the file.
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

// testsAsWell reports whether a build that has the file called from has the one
// called name, as far as only tests are concerned.
func testsAsWell(name, from string) bool {
	const test = "_test.go"
	return !strings.HasSuffix(name, test) || strings.HasSuffix(from, test)
}

// everywhere reports whether every build has file, but for tests.
func (l *Prover) everywhere(file *syntax.File) bool {
	always, seen := l.always[file]
	if !seen {
		always = unconstrained(file)
		l.always[file] = always
	}
	return always
}

var (
	release = regexp.MustCompile(`^go1(\.\d+)?$`)
	ownTag  = regexp.MustCompile(`(?m)^//dedefer:tag (\S+)$`)
)

// unconstrained reports whether every build has file: neither its name nor a
// //go:build line leaves it out of any. The tag of dedefer generate does not
// count, which chooses between two forms of the same.
func unconstrained(file *syntax.File) bool {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled, ctx.UseAllFiles = "other", "other", true, false
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil }
	if ok, err := ctx.MatchFile(filepath.Split(file.Name)); err != nil || !ok {
		return false
	}
	own := ""
	if m := ownTag.FindSubmatch(file.Src); m != nil {
		own = string(m[1])
	}
	for _, g := range file.Syntax.Comments {
		for _, c := range g.List {
			if c.Pos() > file.Syntax.Package || !constraint.IsGoBuild(c.Text) && !constraint.IsPlusBuild(c.Text) {
				continue
			}
			x, err := constraint.Parse(c.Text)
			if err != nil || asks(x, own) {
				return false
			}
		}
	}
	return true
}

// asks reports whether x has a tag other than own and those of Go's releases.
func asks(x constraint.Expr, own string) (found bool) {
	x.Eval(func(tag string) bool {
		found = found || tag != own && !release.MatchString(tag)
		return true
	})
	return found
}

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

// parameters lists the receiver, if there is one, and the parameters.
func parameters(sig *types.Signature) (list []*types.Var) {
	if recv := sig.Recv(); recv != nil {
		list = append(list, recv)
	}
	for i := range sig.Params().Len() {
		list = append(list, sig.Params().At(i))
	}
	return list
}

func (l *Prover) prove(fn *types.Func, d *decl) *summary {
	w := l.walker(d.file, analysis.NewVars(l.pkg.Info, d.syn))
	for i, v := range parameters(fn.Signature()) {
		if nilable(v.Type()) {
			w.params[v] = i
		}
	}
	w.promises(d.syn)
	w.body(d.syn.Body)
	return &summary{obstacle: cmp.Or(w.first, w.rare), needs: w.needs}
}

// A Frame is what the walk through a function with sites has found.
type Frame struct {
	Obstacle *facts.Obstacle // the first one, or nil
	Calls    []string        // with no obstacle: the functions that the proof went into, sorted

	w *walker
}

// Frame walks through f: everything that may run behind its first site counts,
// and all its deferred calls but the one that runs last. With look false it
// only learns what is not nil.
func (l *Prover) Frame(f *analysis.Func, look bool) *Frame {
	w := l.walker(f.Unit.File, f.Unit.Vars)
	w.frame, w.site, w.idle = f, f.Sites[0], !look
	w.atSite = map[*ast.DeferStmt]*fact{}
	if f.HasGoto {
		w.obstacle(f.Body.Pos(), "a goto leads to where calls are pending")
	}
	for _, s := range f.Sites {
		if s.Promise && s.Cycle >= 0 {
			w.obstacle(s.Stmt.Pos(), "the promise of a bound may break")
		}
	}
	w.body(f.Body)
	return &Frame{Obstacle: cmp.Or(w.first, w.rare, w.atExit), Calls: slices.Sorted(maps.Keys(w.calls)), w: w}
}

// Calm reports whether neither a panic nor a Goexit comes out of the deferred
// call of site.
func (fr *Frame) Calm(site *ast.DeferStmt) bool {
	w := *fr.w
	w.frame, w.site, w.idle, w.first, w.rare = nil, nil, false, nil, nil
	w.facts, w.walked = w.atSite[site], map[*ast.FuncLit]bool{}
	w.call(site.Call)
	return w.first == nil && w.rare == nil
}

// NotNil reports whether the variable x cannot be nil at site.
func (fr *Frame) NotNil(x ast.Expr, site *ast.DeferStmt) bool {
	v := fr.w.variable(x)
	fr.w.facts = fr.w.atSite[site]
	return v != nil && fr.w.knows(v)
}

// Within reports whether the variable index is in range for the array or slice
// x, a variable too, at site.
func (fr *Frame) Within(index, x ast.Expr, site *ast.DeferStmt) bool {
	fr.w.facts = fr.w.atSite[site]
	return fr.w.within(index, x)
}
