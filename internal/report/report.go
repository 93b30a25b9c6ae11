// Package report makes an HTML page of what a rewriting did: source and lowered
// code side by side, aligned by the origin of each line, and for each function
// its defer statements, exits, guards and control-flow graph.
//
// The page needs nothing but itself. What it shows at once is an index of the
// functions; what it has of a file is compressed, and opened when one of its
// functions is looked at, so that a page with thousands of them opens at once.
package report

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/template"

	"github.com/dedefer/dedefer/internal/report/view"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// A Page is what to make a page of.
type Page struct {
	Title  string
	Unwind lowering.Unwind
	Dir    string // names of files are relative to it, where they are below it
	Files  []view.File
	Report *lowering.Report
	Live   string // URL that changes what it answers when the page is stale; "" for a page that stands alone
}

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed code.js
	codeJS string
	//go:embed graph.js
	graphJS string
	//go:embed page.js
	pageJS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// Style is the style sheet that all pages share, and Script what they do the same way:
// code.js and graph.js.
func Style() string { return pageCSS + Colors() }

func Script() string { return codeJS + graphJS }

// Write writes the page.
func Write(w io.Writer, p *Page) error {
	index, chunks, err := build(p)
	if err != nil {
		return err
	}
	data, err := json.Marshal(index) // which writes < as \u003c
	if err != nil {
		return err
	}
	return pageTemplate.Execute(w, map[string]any{
		"Title":  p.Title,
		"CSS":    Style(),
		"Script": Script() + pageJS,
		"Index":  string(data),
		"Live":   p.Live,
		"Chunks": chunks,
	})
}

// An index is what the page reads when it opens.
type index struct {
	Title     string          `json:"title"`
	Unwind    string          `json:"unwind"`
	Live      string          `json:"live,omitempty"`
	Totals    totals          `json:"totals"`
	Files     []string        `json:"files"`
	Functions []indexFunction `json:"functions"`
	Losses    []loss          `json:"losses"`
}

type totals struct {
	Functions  int            `json:"functions"`
	Sites      int            `json:"sites"`
	Guards     int            `json:"guards"`
	Proofs     int            `json:"proofs"`
	Native     int            `json:"native"`
	Heap       int            `json:"heap"`
	Strategies map[string]int `json:"strategies"`
	GC         map[string]int `json:"gc"`
}

// An indexFunction is a line of the list of functions.
type indexFunction struct {
	Name       string         `json:"n"`
	File       int            `json:"f"`
	Line       int            `json:"l"`
	Sites      int            `json:"s"`
	Guards     int            `json:"g"`
	Strategies map[string]int `json:"k"`
	Heap       bool           `json:"h,omitempty"`
}

type loss struct {
	File int    `json:"f"` // -1: of none
	Line int    `json:"l"`
	Text string `json:"t"`
}

func build(p *Page) (*index, []string, error) {
	x := &index{
		Title: p.Title, Unwind: p.Unwind.String(), Live: p.Live, Totals: makeTotals(p.Report),
		Files: []string{}, Functions: []indexFunction{}, Losses: []loss{},
	}
	byFile := map[string][]*lowering.Function{}
	for _, f := range p.Report.Functions {
		byFile[f.Pos.Filename] = append(byFile[f.Pos.Filename], f)
	}
	files := slices.Clone(p.Files)
	slices.SortFunc(files, func(a, b view.File) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	number := map[string]int{}
	var chunks []string
	for _, f := range files {
		functions := byFile[f.Name]
		if len(functions) == 0 {
			continue
		}
		n := len(x.Files)
		number[f.Name] = n
		x.Files = append(x.Files, relative(p.Dir, f.Name))
		for _, fn := range functions {
			x.Functions = append(x.Functions, indexed(fn, n))
		}
		text, err := pack(view.NewChunk(f, functions))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		chunks = append(chunks, text)
	}
	for _, l := range p.Report.Losses {
		n, ok := number[l.Pos.Filename]
		if !ok {
			n = -1
		}
		x.Losses = append(x.Losses, loss{n, l.Pos.Line, l.Function + ": " + l.What.String()})
	}
	return x, chunks, nil
}

func relative(dir, name string) string {
	if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
		name = rel
	}
	return filepath.ToSlash(name)
}

func indexed(f *lowering.Function, file int) indexFunction {
	x := indexFunction{Name: f.Name, File: file, Line: f.Pos.Line, Sites: len(f.Sites), Guards: len(f.Guards), Strategies: map[string]int{}}
	for _, s := range f.Sites {
		x.Strategies[s.Strategy]++
		x.Heap = x.Heap || s.Heap
	}
	return x
}

func makeTotals(r *lowering.Report) totals {
	t := r.Totals()
	out := totals{
		Functions: t.Functions, Sites: t.Sites, Guards: t.Guards, Proofs: t.Proofs, Native: t.Native, Heap: t.Heap,
		Strategies: t.Strategies, GC: map[string]int{},
	}
	for class, n := range t.GC {
		out.GC[string(class)] = n
	}
	return out
}

// pack compresses what the page unpacks with a DecompressionStream.
func pack(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
