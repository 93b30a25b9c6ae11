// Package playground lowers one file as somebody types it. It runs in a server
// (package serve) and, compiled to WebAssembly, in the page itself
// (integration/playground). Package web has that page.
package playground

import (
	"errors"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
	"sync"

	"github.com/dedefer/dedefer/internal/report/view"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// A Request is a program and how to lower it.
type Request struct {
	Src    string `json:"src"`
	Unwind string `json:"unwind"` // "native" or "none"
	Keep   bool   `json:"keep"`   // leave functions as they are where gc's code is as good; for native
}

// A Response has errors, or the program before and after.
type Response struct {
	Errors []Error     `json:"errors,omitempty"`
	Code   string      `json:"code,omitempty"` // the lowered program
	View   *view.Chunk `json:"view,omitempty"`
	Losses []Loss      `json:"losses,omitempty"`

	Files map[string]string `json:"-"` // the program as a module: main.go, and the bundled runtime where it is used
}

// An Error is one complaint about the program.
type Error struct {
	Line   int    `json:"line"` // 0: about no line
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// A Loss is a place where -unwind=none changes what the program does.
type Loss struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// A World is what programs import.
type World struct {
	Importer   types.Importer                                  // of the types of packages
	Recovering func(path string) (functions []string, ok bool) // which functions of a package call recover

	mu sync.Mutex // importers are for one at a time
}

// Module is the path of the module that a program is in.
const Module = "playground"

const runtimePath = Module + "/internal/dedefer"

// Lower lowers a program of one file.
func (w *World) Lower(req Request) (resp *Response) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() {
		if v := recover(); v != nil { // of the type checker, perhaps
			resp = &Response{Errors: []Error{{Text: fmt.Sprintf("this is a bug in dedefer: %v", v)}}}
		}
	}()
	opts := lowering.Options{Origins: true, Runtime: lowering.NewRuntime(runtimePath, "")}
	switch req.Unwind {
	case "none":
		opts.Unwind = lowering.None
	case "", "native":
	default:
		return &Response{Errors: []Error{{Text: "unwind: want native or none"}}}
	}
	opts.Keep = req.Keep && opts.Unwind == lowering.Native
	pkg, errs := w.check(req.Src)
	if len(errs) > 0 {
		return &Response{Errors: errs}
	}
	out, err := lowering.Lower(pkg, opts, lowering.RecoverFacts(w.Recovering))
	if err != nil {
		return &Response{Errors: complaints(err)}
	}
	return response(req.Src, out, opts.Runtime)
}

// fileName is what messages call the program.
const fileName = "main.go"

// check parses and type-checks the program.
func (w *World) check(src string) (*lowering.Package, []Error) {
	fset := token.NewFileSet()
	syn, err := parser.ParseFile(fset, fileName, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, complaints(err)
	}
	for _, imp := range syn.Imports {
		if imp.Path.Value == `"C"` {
			return nil, []Error{{Line: fset.Position(imp.Pos()).Line, Text: "cgo is not for the playground"}}
		}
	}
	pkg := &lowering.Package{
		Path: Module, Fset: fset, Importer: w.Importer, OneBuild: true,
		Files: []*lowering.File{{Name: fileName, Src: []byte(src), Syntax: syn}},
	}
	var errs []Error
	_ = pkg.TypeCheck(func(err error) { // its result is the first of these
		errs = append(errs, complaints(err)...)
	})
	return pkg, errs
}

// complaints takes an error apart.
func complaints(err error) (list []Error) {
	const most = 10
	var syntax scanner.ErrorList
	var inType types.Error
	var own lowering.ErrorList
	var bug *lowering.BugError
	switch {
	case errors.As(err, &syntax):
		for _, e := range syntax {
			list = append(list, Error{e.Pos.Line, e.Pos.Column, e.Msg})
		}
	case errors.As(err, &inType):
		p := inType.Fset.Position(inType.Pos)
		list = append(list, Error{p.Line, p.Column, strings.TrimPrefix(inType.Msg, "\t")})
	case errors.As(err, &own):
		for _, e := range own {
			list = append(list, Error{e.Pos.Line, e.Pos.Column, e.Msg})
		}
	case errors.As(err, &bug):
		list = append(list, Error{bug.Pos.Line, bug.Pos.Column, "this is a bug in dedefer, please report it: " + bug.Err.Error()})
	default:
		list = append(list, Error{Text: err.Error()})
	}
	return list[:min(len(list), most)]
}

func response(src string, out *lowering.Lowered, rt *lowering.Runtime) *Response {
	f := view.File{Name: fileName, Old: []byte(src)}
	code := src
	if len(out.Files) > 0 {
		f.New, f.Lines = out.Files[0].New, out.Files[0].Lines
		code = string(f.New)
	}
	chunk := view.Whole(f, out.Report.Functions)
	resp := &Response{Code: code, View: &chunk, Files: map[string]string{fileName: code}}
	for name, text := range rt.Files {
		if out.Uses.Needs(name) {
			resp.Files["internal/dedefer/"+name] = text
		}
	}
	for _, l := range out.Report.Losses {
		resp.Losses = append(resp.Losses, Loss{l.Pos.Line, l.What.String()})
	}
	return resp
}
