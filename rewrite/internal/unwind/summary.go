package unwind

import (
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
	fset  *token.FileSet
	alone bool
	decls map[string]*decl // by types.Func.FullName

	mu     sync.Mutex
	known  map[string]*summary // nil where the proof is under way
	always map[*load.File]bool // files without build constraints
}

type decl struct {
	pkg  *load.Package
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

// New returns a prover for the program that pkgs are a part of. If alone, no
// proof goes from one package into another, so that it does not matter which
// others there are.
func New(fset *token.FileSet, pkgs []*load.Package, alone bool) *Prover {
	p := &Prover{fset: fset, alone: alone, decls: map[string]*decl{}, known: map[string]*summary{}, always: map[*load.File]bool{}}
	for _, pkg := range pkgs {
		for _, file := range pkg.Files {
			p.declare(pkg, file)
		}
	}
	return p
}

func (p *Prover) declare(pkg *load.Package, file *load.File) {
	for _, d := range file.Syntax.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || fd.Body == nil || fd.Name.Name == "_" || fd.Name.Name == "init" && fd.Recv == nil {
			continue
		}
		fn, ok := pkg.Info.Defs[fd.Name].(*types.Func)
		if !ok {
			continue
		}
		name := fn.FullName()
		if other, ok := p.decls[name]; ok && (other == nil || other.file.Name != file.Name) {
			p.decls[name] = nil // the path of m/p's external tests is that of m/p_test, too
			continue
		}
		p.decls[name] = &decl{pkg, file, fd}
	}
}

// of returns the summary of a function that is called in a file of pkg; nil
// where its source is not part of the program. What other builds leave out
// proves nothing: then elsewhere names the file.
func (p *Prover) of(fn *types.Func, pkg *load.Package, from *load.File) (s *summary, elsewhere string) {
	d := p.decls[fn.Origin().FullName()]
	switch {
	case d == nil || p.alone && d.pkg != pkg:
		return nil, ""
	case d.file != from && !p.everywhere(d.file, from):
		return nil, filepath.Base(d.file.Name)
	}
	return p.summary(fn, d), ""
}

// everywhere reports whether file is part of every build that from is a part
// of, as far as that can be told without looking at from's constraints.
func (p *Prover) everywhere(file, from *load.File) bool {
	const test = "_test.go"
	if strings.HasSuffix(file.Name, test) && !strings.HasSuffix(from.Name, test) {
		return false
	}
	always, seen := p.always[file]
	if !seen {
		always = unconstrained(file)
		p.always[file] = always
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

func (p *Prover) summary(fn *types.Func, d *decl) *summary {
	name := fn.Origin().FullName()
	if s, seen := p.known[name]; seen {
		if s == nil { // its proof is under way
			return &summary{obstacle: &obstacle{d.syn.Pos(), "", true}}
		}
		return s
	}
	p.known[name] = nil
	s := p.prove(d)
	p.known[name] = s
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

func (p *Prover) prove(d *decl) *summary {
	w := p.walker(d.pkg, d.file, analyse.NewVars(d.pkg.Info, d.syn))
	fn := d.pkg.Info.Defs[d.syn.Name].(*types.Func)
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
func (p *Prover) Frame(f *analyse.Func, look bool) *Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.walker(f.Unit.Pkg, f.Unit.File, f.Unit.Vars)
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
		fr.Why = fmt.Sprintf("%s (line %d)", w.first.what, p.fset.Position(w.first.pos).Line)
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
