package plan

import (
	"go/token"
	"go/types"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// operands plans the call of one site: "Operands" in ../../doc.go.
type operands struct {
	*draft
	later
	values
}

// box converts an operand that is passed as an interface when it is saved, where a
// later operand makes a call. Go leaves the order of the two open. gc evaluates some
// operands first where it converts them, and last where it does not: a bool that a closure
// changes, a byte of a string, an element of a map, a literal.
func (o *operands) box(t *Temp) {
	s := o.site
	if t == nil || !slices.ContainsFunc(s.Stmt.Call.Args[len(s.Call.Args):], hasCall) {
		return
	}
	p := s.paramType(t)
	if p == nil || !analysis.IsInterface(p) || analysis.IsInterface(t.Type) {
		return
	}
	for _, p := range []types.Type{p, p.Underlying()} { // its name may be hidden, or another package's own
		if text, ok := o.spell(p, place{nil, s.Stmt.Pos()}); ok {
			t.Type, t.Value.Box = p, text
			return
		}
	}
}

// declare settles where the operands that are saved are declared, at the site or at
// the start of the function, and with which types. Where a type cannot be written at
// the start, the call becomes a thunk.
func (o *operands) declare() {
	s := o.site
	c := s.Call
	if c.Thunk != nil {
		o.capture()
		return
	}
	atSite := o.mayDeclareAt()
	for _, t := range c.Temps {
		if o.untyped(t) {
			atSite = false
		}
	}
	if s.Records != nil {
		o.convert()
	}
	if !atSite {
		for _, t := range c.Temps {
			if !o.spellTemp(t) {
				o.thunk()
				return
			}
		}
	}
	for _, t := range c.Temps {
		t.AtSite = atSite
		if s.Records == nil {
			t.Name = o.Names.Fresh(t.Hint)
		}
	}
}

// untyped reports whether "v := x" would give t, which saves x, another type than it has: x is a
// constant, nil, or a shift whose type comes from where it stands.
func (o *operands) untyped(t *Temp) bool {
	x := t.Value.Expr
	if x == nil || t.Value.Prefix != token.ILLEGAL || t.Value.Path != "" {
		return false
	}
	tv := o.info.Types[x]
	if tv.Value != nil {
		byItself := ownType(o.info, x)
		return byItself == nil || !types.Identical(byItself, tv.Type)
	}
	return tv.IsNil() || contextual(o.info, x)
}

// convert has such operands converted where they are saved at the site: "int8(1 << n)".
func (o *operands) convert() {
	for _, t := range o.site.Call.Temps {
		if text, ok := o.spell(t.Type, place{nil, o.site.Stmt.Pos()}); ok && o.untyped(t) && t.Value.Box == "" {
			t.Value.Box = "(" + text + ")"
			if token.IsIdentifier(text) {
				t.Value.Box = text
			}
		}
	}
}

// spellTemp writes the type of t for the start of the function; where that is
// impossible, the type of the parameter that t is passed to. It reports whether there
// is one.
func (o *operands) spellTemp(t *Temp) bool {
	s := o.site
	at := o.start()
	if text, ok := o.spell(t.Type, at); ok {
		t.TypeText = text
		return true
	}
	if p := s.paramType(t); p != nil {
		if text, ok := o.spell(p, at); ok {
			t.TypeText, t.Type = text, p
			return true
		}
	}
	return false
}

// mayDeclareAt reports whether variables that are declared at the site are in scope
// wherever the call is written.
func (o *operands) mayDeclareAt() bool {
	s := o.site
	inScope := s.TopLevel || o.blockExit(s) || analysis.Returns(o.Behind(s.Site))
	return inScope && !o.HasGoto && (o.Tail == nil || s == o.FirstSite()) && s.Records == nil && s.standsAt()
}

// thunk makes the whole call a literal that stands at the site: the way out where the
// type of an operand cannot be written elsewhere. What is called sees one frame more
// on the stack.
func (o *operands) thunk() {
	s := o.site
	c := s.Call
	if c.Thunk != nil {
		return
	}
	c.Thunk = &Temp{Hint: "deferred", AtSite: o.mayDeclareAt(), TypeText: "func()", Type: types.NewSignatureType(nil, nil, nil, nil, nil, false)}
	c.Thunk.Name = o.Names.Fresh(c.Thunk.Hint)
	o.capture()
}

// capture gives names to the operands that a thunk captures.
func (o *operands) capture() {
	c := o.site.Call
	o.convert()
	for _, t := range c.Temps {
		t.Name, t.AtSite = o.Names.Fresh(t.Hint), true
	}
}

func newOperands(d *draft, s *Site) *operands {
	return &operands{draft: d, later: later{d, s, d.places(s)}, values: values{draft: d}}
}
