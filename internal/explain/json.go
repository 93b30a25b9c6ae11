package explain

import (
	"encoding/json"
	"go/token"
	"io"

	"github.com/dedefer/dedefer/rewrite"
)

// Version is that of the JSON. It grows when a field goes or changes its meaning;
// fields and kinds of reasons may be added without.
const Version = 3

// A Document is what JSON writes. docs/explain.md describes its fields.
type Document struct {
	Version   int        `json:"version"`
	Unwind    string     `json:"unwind"`
	Functions []Function `json:"functions"`
	Changes   []Change   `json:"changes"`
	Ignored   []Ignored  `json:"ignored"`
	Totals    Totals     `json:"totals"`
}

type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type Function struct {
	Position
	Name   string   `json:"name"`
	Sites  []Site   `json:"sites"`
	Exits  []Exit   `json:"exits"`
	Guards []Guard  `json:"guards"`
	Proof  []Reason `json:"proof,omitempty"`
	Kept   []Reason `json:"kept,omitempty"`
}

type Site struct {
	Position
	Call     string   `json:"call"`
	Strategy string   `json:"strategy"`
	Why      []Reason `json:"why"`
	Heap     bool     `json:"heap"`
	Native   bool     `json:"native"`
	Bit      string   `json:"bit,omitempty"`
	GC       GC       `json:"gc"`
	Cost     Reason   `json:"cost"`
	Remedy   *Reason  `json:"remedy,omitempty"`
}

type GC struct {
	Class string `json:"class"`
	Why   Reason `json:"why"`
}

type Exit struct {
	Position
	Text   string `json:"text"`
	Shared bool   `json:"shared"`
	Runs   []Run  `json:"runs"`
}

// A Run names sites by their index in the function.
type Run struct {
	Sites []int  `json:"sites"`
	When  string `json:"when"`
}

type Guard struct {
	Position
	Sites []int    `json:"sites"`
	Why   []Reason `json:"why"`
	Cost  Reason   `json:"cost"`
}

type Reason struct {
	Kind string `json:"kind"`
	*Position
	Args  []string `json:"args,omitempty"`
	Calls []Reason `json:"calls,omitempty"`
	Text  string   `json:"text"`
}

type Change struct {
	Position
	Function string `json:"function"`
	What     Reason `json:"what"`
}

type Ignored struct {
	Position
	Constraint string `json:"constraint"`
}

type Totals struct {
	Functions  int            `json:"functions"`
	Sites      int            `json:"sites"`
	Exits      int            `json:"exits"`
	Guards     int            `json:"guards"`
	Proofs     int            `json:"proofs"`
	Native     int            `json:"native"`
	Heap       int            `json:"heap"`
	Changes    int            `json:"changes"`
	Strategies map[string]int `json:"strategies"`
	GC         map[string]int `json:"gc"`
}

// JSON writes a Document.
func JSON(w io.Writer, unwind rewrite.Unwind, ignored []rewrite.Ignored, r *rewrite.Report) error {
	doc := NewDocument(unwind, ignored, r)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(doc)
}

// NewDocument returns what JSON writes. Lists that are always there are empty
// rather than nil.
func NewDocument(unwind rewrite.Unwind, ignored []rewrite.Ignored, r *rewrite.Report) *Document {
	doc := &Document{Version: Version, Unwind: unwind.String(), Functions: []Function{}, Changes: []Change{}, Ignored: []Ignored{}, Totals: totals(r.Totals())}
	for _, f := range r.Functions {
		doc.Functions = append(doc.Functions, function(f))
	}
	for _, l := range r.Losses {
		doc.Changes = append(doc.Changes, Change{at(l.Pos), l.Function, reason(l.What)})
	}
	for _, ig := range ignored {
		doc.Ignored = append(doc.Ignored, Ignored{at(ig.Pos), ig.Constraint})
	}
	return doc
}

func at(p token.Position) Position { return Position{p.Filename, p.Line, p.Column} }

func function(f *rewrite.Function) Function {
	out := Function{Position: at(f.Pos), Name: f.Name, Exits: []Exit{}, Guards: []Guard{}, Proof: reasons(f.Proof), Kept: reasons(f.Kept)}
	index := map[*rewrite.Site]int{}
	for i, s := range f.Sites {
		index[s] = i
		out.Sites = append(out.Sites, site(s))
	}
	indices := func(sites []*rewrite.Site) (list []int) {
		for _, s := range sites {
			list = append(list, index[s])
		}
		return list
	}
	for _, e := range f.Exits {
		exit := Exit{at(e.Pos), e.Text, e.Shared, []Run{}}
		for _, r := range e.Runs {
			exit.Runs = append(exit.Runs, Run{indices(r.Sites), string(r.When)})
		}
		out.Exits = append(out.Exits, exit)
	}
	for _, g := range f.Guards {
		out.Guards = append(out.Guards, Guard{at(g.Pos), indices(g.Sites), reasons(g.Why), reason(g.Cost)})
	}
	return out
}

func site(s *rewrite.Site) Site {
	out := Site{
		Position: at(s.Pos), Call: s.Call, Strategy: s.Strategy, Why: reasons(s.Why), Heap: s.Heap, Native: s.Kept,
		Bit: s.Bit, GC: GC{string(s.GC), reason(s.GCWhy)}, Cost: reason(s.Cost),
	}
	if s.Remedy.Kind != "" {
		r := reason(s.Remedy)
		out.Remedy = &r
	}
	return out
}

func reasons(list rewrite.Reasons) (out []Reason) {
	for _, r := range list {
		out = append(out, reason(r))
	}
	return out
}

func reason(r rewrite.Reason) Reason {
	out := Reason{Kind: string(r.Kind), Args: r.Args, Calls: reasons(r.Calls), Text: r.String()}
	if r.Pos.IsValid() {
		p := at(r.Pos)
		out.Position = &p
	}
	return out
}

func totals(t rewrite.Totals) Totals {
	out := Totals{
		Functions: t.Functions, Sites: t.Sites, Exits: t.Exits, Guards: t.Guards, Proofs: t.Proofs,
		Native: t.Native, Heap: t.Heap, Changes: t.Losses, Strategies: t.Strategies, GC: map[string]int{},
	}
	for class, n := range t.GC {
		out.GC[string(class)] = n
	}
	return out
}
