package unwind

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/token"
	"go/types"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
	"github.com/dedefer/dedefer/rewrite/internal/load"
)

// A Prover has the summaries of the functions of a program. It may be used by
// several goroutines.
type Prover struct {
	fset *token.FileSet

	mu     sync.RWMutex
	public map[string]*public // by types.Func.FullName
}

// New returns a prover that knows of no functions.
func New(fset *token.FileSet) *Prover {
	return &Prover{fset: fset, public: map[string]*public{}}
}

// A public summary is that of a function which other packages may call.
type public struct {
	*summary
	file   string // absolute
	always bool   // every build has file
}

// A Local prover is for one package.
type Local struct {
	*Prover
	pkg    *load.Package
	decls  map[*types.Func]*decl
	known  map[*types.Func]*summary // nil where the proof is under way
	always map[*load.File]bool      // files without build constraints
}

// For returns the prover for pkg.
func (p *Prover) For(pkg *load.Package) *Local {
	l := &Local{
		Prover: p, pkg: pkg,
		decls: map[*types.Func]*decl{}, known: map[*types.Func]*summary{}, always: map[*load.File]bool{},
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

// Publish lets other packages know what can be proved of the functions of the
// package that they may call.
func (l *Local) Publish() {
	functions := slices.SortedFunc(maps.Keys(l.decls), func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
	found := map[string]*public{}
	for _, fn := range functions {
		if d := l.decls[fn]; fn.Exported() {
			found[fn.FullName()] = &public{l.summary(fn, d), d.file.Name, l.everywhere(d.file)}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.Copy(l.public, found)
}

type decl struct {
	file *load.File
	syn  *ast.FuncDecl
}

// A summary says of a function that it is total if certain parameters are not
// nil, or what may come out of it.
type summary struct {
	obstacle *obstacle
	needs    map[int]bool // parameters, the receiver first
}

// An obstacle is the first thing that may panic or call Goexit.
type obstacle struct {
	pos       token.Pos
	what      string
	recursive bool // it is in functions that call one another: where depends on which was looked at first
}

// of returns the summary of a function that is called in a file of the
// package; nil where nothing is known of its source. What other builds leave out
// proves nothing: then elsewhere names the file.
func (l *Local) of(fn *types.Func, from *load.File) (s *summary, elsewhere string) {
	fn = fn.Origin()
	if fn.Pkg() == l.pkg.Types {
		d := l.decls[fn]
		if d == nil {
			return nil, ""
		}
		if d.file != from && !(l.everywhere(d.file) && testsAsWell(d.file.Name, from.Name)) {
			return nil, filepath.Base(d.file.Name)
		}
		return l.summary(fn, d), ""
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	pub := l.public[fn.FullName()]
	switch {
	case pub == nil:
		return nil, ""
	case !pub.always || !testsAsWell(pub.file, from.Name):
		return nil, filepath.Base(pub.file)
	}
	return pub.summary, ""
}

// testsAsWell reports whether a build that has the file called from has the one
// called name, as far as only tests are concerned.
func testsAsWell(name, from string) bool {
	const test = "_test.go"
	return !strings.HasSuffix(name, test) || strings.HasSuffix(from, test)
}

// everywhere reports whether every build has file, but for tests.
func (l *Local) everywhere(file *load.File) bool {
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
func unconstrained(file *load.File) bool {
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

func (l *Local) summary(fn *types.Func, d *decl) *summary {
	if s, seen := l.known[fn]; seen {
		if s == nil { // its proof is under way
			return &summary{obstacle: &obstacle{d.syn.Pos(), "", true}}
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

func (l *Local) prove(fn *types.Func, d *decl) *summary {
	w := l.walker(d.file, analyse.NewVars(l.pkg.Info, d.syn))
	for i, v := range parameters(fn.Signature()) {
		if nilable(v.Type()) {
			w.params[v] = i
		}
	}
	w.promises(d.syn)
	w.body(d.syn.Body)
	return &summary{obstacle: w.first, needs: w.needs}
}

// A Frame is what the walk through a function with sites has found.
type Frame struct {
	Why    string // the first obstacle, or what the proof rests on
	Unwind bool   // there is an obstacle

	w *walker
}

// Frame walks through f: everything that may run behind its first site counts,
// and all its deferred calls but the one that runs last. With look false it
// only learns what is not nil.
func (l *Local) Frame(f *analyse.Func, look bool) *Frame {
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
	fr := &Frame{w: w}
	if w.first != nil {
		fr.Unwind = true
		fr.Why = fmt.Sprintf("%s (line %d)", w.first.what, l.fset.Position(w.first.pos).Line)
		return fr
	}
	fr.Why = "nothing behind the first site can panic or call Goexit" + w.proved()
	return fr
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

// proved names the functions that the proof went into.
func (w *walker) proved() string {
	if len(w.calls) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(w.calls))
	const room = 6
	if more := len(names) - room; more > 0 {
		names = append(names[:room], fmt.Sprintf("%d others", more))
	}
	return ", nor can, by their own source, " + strings.Join(names, ", ")
}

// inside describes an obstacle in a function that is called.
func (p *Prover) inside(o *obstacle) string {
	pos := p.fset.Position(o.pos)
	return fmt.Sprintf("%s:%d:%d: %s", filepath.Base(pos.Filename), pos.Line, pos.Column, o.what)
}
