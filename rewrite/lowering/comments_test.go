package lowering_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/rewrite/lowering"
)

var sprinkleFlag = flag.Bool("sprinkle", false, "TestCommentsEverywhere: each place of all programs in testdata, one by one")

// TestCommentsEverywhere puts a comment at every place of every function with a
// defer statement in testdata, and looks for it in the output. The report
// says where one lost its place.
//
// All places of a golden have one at once, and then every seventh. With -sprinkle
// each place gets a turn of its own as well, and those of cases too.
func TestCommentsEverywhere(t *testing.T) {
	var names []string
	kinds := []string{"golden"}
	if *sprinkleFlag {
		kinds = append(kinds, "cases")
	}
	for _, kind := range kinds {
		list, err := filepath.Glob("../../testdata/" + kind + "/*.txtar")
		if err != nil || len(list) == 0 {
			t.Fatalf("no programs: %v", err)
		}
		names = append(names, list...)
	}
	for _, name := range names {
		t.Run(filepath.Base(filepath.Dir(name))+"/"+strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p := newProgram(ar)
			if p.cgo {
				t.Skip("cgo")
			}
			for _, file := range p.files {
				p.sprinkle(t, file)
			}
		})
	}
}

// A program is the root package of a module in an archive.
type program struct {
	path, version string
	files         []*lowering.File
	others        map[string]*types.Package // of the module, by path
	archive       *txtar.Archive
	cgo           bool
}

func newProgram(ar *txtar.Archive) *program {
	p := &program{path: "golden", version: "go1.26", archive: ar, others: map[string]*types.Package{}}
	for _, f := range ar.Files {
		if f.Name != "go.mod" {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			if rest, ok := strings.CutPrefix(line, "module "); ok {
				p.path = strings.TrimSpace(rest)
			}
			if rest, ok := strings.CutPrefix(line, "go "); ok {
				p.version = "go" + strings.TrimSpace(rest)
			}
		}
	}
	p.files = p.parse("")
	return p
}

var (
	fset = token.NewFileSet()
	std  = importer.ForCompiler(fset, "source", nil)
	seen = map[string]*types.Package{} // of the standard library: the importer looks for directories each time
)

// parse parses the files of a directory that this build has.
func (p *program) parse(dir string) (files []*lowering.File) {
	for _, f := range p.archive.Files {
		if path.Ext(f.Name) != ".go" || path.Dir(f.Name) != path.Clean(dir) || f.Name == "native.go" || f.Name == "none.go" {
			continue
		}
		file, err := parseFile(f.Name, f.Data)
		if err != nil || strings.HasSuffix(f.Name, "_test.go") || !selected(f) {
			continue
		}
		for _, imp := range file.Syntax.Imports {
			p.cgo = p.cgo || imp.Path.Value == `"C"`
		}
		files = append(files, file)
	}
	return files
}

// selected reports whether this build has a file.
func selected(f txtar.File) bool {
	ctx := build.Default
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Data)), nil }
	ok, err := ctx.MatchFile(".", path.Base(f.Name))
	return ok && err == nil
}

func parseFile(name string, src []byte) (*lowering.File, error) {
	syn, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	return &lowering.File{Name: name, Src: src, Syntax: syn}, err
}

func (p *program) Import(name string) (*types.Package, error) {
	if pkg := p.others[name]; pkg != nil {
		return pkg, nil
	}
	rel, ok := strings.CutPrefix(name, p.path+"/")
	if !ok {
		var err error
		if seen[name] == nil {
			seen[name], err = std.Import(name)
		}
		return seen[name], err
	}
	pkg := &lowering.Package{Path: name, Fset: fset, Files: p.parse(rel), Importer: p, GoVersion: p.version}
	err := pkg.TypeCheck(nil)
	p.others[name] = pkg.Types
	return pkg.Types, err
}

// lower lowers p with another text of one of its files. valid is whether that
// text is a program.
func (p *program) lower(file *lowering.File, src []byte, opts lowering.Options) (out []byte, valid bool, err error) {
	pkg := &lowering.Package{Path: p.path, Fset: fset, Importer: p, GoVersion: p.version}
	for _, f := range p.files {
		if f.Name == file.Name {
			f.Src = src
		}
		f, err := parseFile(f.Name, f.Src)
		if err != nil {
			return nil, false, err
		}
		pkg.Files = append(pkg.Files, f)
	}
	if err := pkg.TypeCheck(nil); err != nil {
		return nil, false, err
	}
	res, err := lowering.Lower(pkg, opts, lowering.NewFacts())
	if err != nil {
		return nil, true, err
	}
	if len(res.Report.Strays) > 0 {
		return nil, true, fmt.Errorf("%v: this comment lost its place", res.Report.Strays[0])
	}
	for _, f := range res.Files {
		if f.File.Name == file.Name {
			return f.New, true, nil
		}
	}
	return src, true, nil
}

// sprinkle tries comments in one of p's files.
func (p *program) sprinkle(t *testing.T, file *lowering.File) {
	src := bytes.Clone(file.Src)
	if _, valid, err := p.lower(file, src, lowering.Options{}); !valid {
		t.Skip(err)
	}
	all := places(file)
	for _, style := range styles {
		fits := all[style.where]
		if len(fits) == 0 {
			continue
		}
		var some []int
		for i := len(p.path) % 7; i < len(fits); i += 7 {
			some = append(some, fits[i])
		}
		tries := [][]int{fits, some}
		if *sprinkleFlag {
			for _, at := range fits {
				tries = append(tries, []int{at})
			}
		}
		for i, at := range tries {
			text := insert(src, at, style.text)
			modes := []lowering.Options{{}, {Unwind: lowering.None}}
			if i == 0 {
				modes = append(modes, lowering.Options{Lines: true}, lowering.Options{Unwind: lowering.None, Lines: true})
			}
			for _, opts := range modes {
				_, valid, err := p.lower(file, text, opts)
				if err == nil || !valid {
					continue
				}
				var list lowering.ErrorList
				if errors.As(err, &list) { // a directive that the comment comes before
					continue
				}
				where := ""
				if len(at) == 1 {
					line := 1 + bytes.Count(src[:at[0]], []byte("\n"))
					where = fmt.Sprintf(" at line %d: %q", line, src[max(0, at[0]-20):min(len(src), at[0]+10)])
				}
				t.Errorf("%v lines=%v, %s%s: %v", opts.Unwind, opts.Lines, style.name, where, err)
			}
		}
	}
	file.Src = src
}

// styles are the ways to write a comment.
var styles = []struct {
	name  string
	where int
	text  string
}{
	{"general comments", tokens, "/*c%d*/"},
	{"comments at the ends of lines", ends, " //c%d"},
	{"comments on lines of their own", starts, "//c%d\n"},
	{"comments between blank lines", starts, "\n//c%d\n\n"},
	{"comments of several lines", ends, " /*c%d\nagain*/"},
}

const (
	tokens = iota // before a token
	ends          // at the end of a line
	starts        // at the start of a line
)

// places returns where a comment can be put, in declarations with a defer
// statement, by kind.
func places(file *lowering.File) (all [3][]int) {
	tf := fset.File(file.Syntax.FileStart)
	for _, d := range file.Syntax.Decls {
		if !hasDefer(d) {
			continue
		}
		from, to := tf.Offset(d.Pos()), tf.Offset(d.End())
		sfset := token.NewFileSet()
		stf := sfset.AddFile("", sfset.Base(), len(file.Src))
		var s scanner.Scanner
		s.Init(stf, file.Src, nil, scanner.ScanComments)
		inside := map[int]bool{} // lines that begin inside a token
		for {
			pos, tok, lit := s.Scan()
			if tok == token.EOF {
				break
			}
			at := stf.Offset(pos)
			line := stf.PositionFor(pos, false).Line
			for i := range strings.Count(lit, "\n") {
				if tok != token.SEMICOLON {
					inside[line+1+i] = true
				}
			}
			if at > from && at < to && tok != token.COMMENT && (tok != token.SEMICOLON || lit == ";") {
				all[tokens] = append(all[tokens], at)
			}
		}
		for line := stf.PositionFor(stf.Pos(from), false).Line; line < stf.PositionFor(stf.Pos(to-1), false).Line; line++ {
			if inside[line+1] {
				continue
			}
			next := stf.Offset(stf.LineStart(line + 1))
			all[starts] = append(all[starts], next)
			all[ends] = append(all[ends], next-1)
		}
	}
	return all
}

func hasDefer(d ast.Decl) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		_, ok := n.(*ast.DeferStmt)
		found = found || ok
		return !found
	})
	return found
}

// insert puts a comment of its own at each of some offsets.
func insert(src []byte, at []int, text string) []byte {
	var b bytes.Buffer
	last := 0
	for i, offset := range at {
		b.Write(src[last:offset])
		fmt.Fprintf(&b, text, i)
		last = offset
	}
	b.Write(src[last:])
	return b.Bytes()
}
