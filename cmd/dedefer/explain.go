package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"go/token"
	"slices"

	"github.com/dedefer/dedefer/rewrite"
)

func (a *app) explainCommand(ctx context.Context, args []string) error {
	f := newFlags("explain")
	asJSON := f.set.Bool("json", false, "")
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	if err := f.chdir(); err != nil {
		return err
	}
	opts, err := f.options(ctx)
	if err != nil {
		return err
	}
	prog, err := a.loadProgram(ctx, opts, patterns)
	if err != nil {
		return err
	}
	a.progress.stage("analysing")
	res, err := a.rewriteLoaded(ctx, prog, opts)
	if err != nil {
		return err
	}
	if *asJSON {
		err = a.explainJSON(f.unwind, prog, &res.Report)
	} else {
		err = a.explainText(&res.Report)
	}
	if err != nil {
		return err
	}
	return leftBehind(prog, res)
}

// explainText prints a function's guard, its sites and what -unwind=none
// changes together: in the order of their positions.
func (a *app) explainText(r *rewrite.Report) error {
	type line struct {
		pos  token.Position
		text string
	}
	var lines []line
	for _, g := range r.Guards {
		lines = append(lines, line{g.Pos, fmt.Sprintf("%s: guard: %s", g.Name, g.Reason)})
	}
	for _, p := range r.Proofs {
		lines = append(lines, line{p.Pos, fmt.Sprintf("%s: no guard: %s", p.Name, p.Reason)})
	}
	for _, s := range r.Sites {
		lines = append(lines, line{s.Pos, fmt.Sprintf("%s: %s: %s", s.Function, s.Strategy, s.Reason)})
	}
	for _, l := range r.Losses {
		lines = append(lines, line{l.Pos, fmt.Sprintf("%s: changes: %s", l.Function, l.What)})
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.pos.Filename, b.pos.Filename), cmp.Compare(a.pos.Line, b.pos.Line), cmp.Compare(a.pos.Column, b.pos.Column))
	})
	for _, l := range lines {
		l.pos.Filename = short(l.pos.Filename)
		if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", l.pos, l.text); err != nil {
			return err
		}
	}
	return nil
}

// The types below are what explain -json prints. Their fields are documented in
// its help, and stay.
type explanation struct {
	Unwind  string        `json:"unwind"`
	Sites   []siteJSON    `json:"sites"`
	Guards  []guardJSON   `json:"guards"`
	Proofs  []guardJSON   `json:"proofs"`
	Changes []changeJSON  `json:"changes"`
	Ignored []ignoredJSON `json:"ignored"`
}

type position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type siteJSON struct {
	position
	Function string `json:"function"`
	Call     string `json:"call"`
	Strategy string `json:"strategy"`
	Heap     bool   `json:"heap"`
	Reason   string `json:"reason"`
}

type guardJSON struct {
	position
	Function string `json:"function"`
	Reason   string `json:"reason"`
}

type changeJSON struct {
	position
	Function string `json:"function"`
	What     string `json:"what"`
}

type ignoredJSON struct {
	position
	Constraint string `json:"constraint"`
}

func (a *app) explainJSON(unwind rewrite.Unwind, prog *rewrite.Program, r *rewrite.Report) error {
	at := func(p token.Position) position { return position{p.Filename, p.Line, p.Column} }
	// Empty lists rather than null.
	doc := explanation{unwind.String(), []siteJSON{}, []guardJSON{}, []guardJSON{}, []changeJSON{}, []ignoredJSON{}}
	for _, s := range r.Sites {
		doc.Sites = append(doc.Sites, siteJSON{at(s.Pos), s.Function, s.Call, s.Strategy, s.Heap, s.Reason})
	}
	for _, g := range r.Guards {
		doc.Guards = append(doc.Guards, guardJSON{at(g.Pos), g.Name, g.Reason})
	}
	for _, p := range r.Proofs {
		doc.Proofs = append(doc.Proofs, guardJSON{at(p.Pos), p.Name, p.Reason})
	}
	for _, l := range r.Losses {
		doc.Changes = append(doc.Changes, changeJSON{at(l.Pos), l.Function, l.What})
	}
	for _, ig := range prog.Ignored {
		doc.Ignored = append(doc.Ignored, ignoredJSON{at(ig.Pos), ig.Constraint})
	}
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(doc)
}
