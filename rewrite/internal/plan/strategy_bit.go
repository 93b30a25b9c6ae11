package plan

import (
	"fmt"
)

// bit: a bit of the mask tells whether the entry is pending, and some exit
// has to test it.
func bit(f *Func, s *Site) (Reasons, bool) {
	if f.Tail != nil {
		if f.Tail.Runs.Has(s.Index) && !f.Tail.Active.Must.Has(s.Index) {
			return because(SomeExits, f.Tail.Exits), true
		}
		return nil, false
	}
	for _, e := range f.Exits {
		if e.Runs.Has(s.Index) && !e.Active.Must.Has(s.Index) && !e.remains[s].Nothing() {
			return f.becauseAt(e.Pos, SomePaths), true
		}
	}
	return nil, false
}

// A Mask is the set of variables whose bits tell what is pending.
type Mask struct {
	Names []string // one variable for each Word bits
	Bits  int      // in all
	Word  int      // bits to a variable
	Bool  bool     // a single bit, in a variable of type bool
	Typed bool     // the unsigned types can be named; otherwise it is an int
}

// Type returns the type of the i-th variable.
func (m *Mask) Type(i int) string {
	n := m.Bits - m.Word*i
	for _, size := range []int{8, 16, 32} {
		if n <= size {
			return fmt.Sprintf("uint%d", size)
		}
	}
	return "uint64"
}

// byFunc reports whether the variable that holds the literal of s tells whether s is
// pending: it is nil where it is not, and no guard has to note that its call is done.
func (f *Func) byFunc(s *Site) bool {
	return s.Strategy == "bit" && s.Guard == nil && !s.Own && s.Callee.Lit != nil && !s.inline && !f.Words.Shadowed && f.predeclared("nil")
}

// assignBits gives a bit to each site that a guard or an exit has to ask about.
func (f *Func) assignBits() {
	n, asks := 0, true // asks: a literal that asks for its bit can write false
	for _, s := range f.Sites {
		s.ByFunc = f.byFunc(s)
		if s.Cycle < 0 && !s.Dead && s.Stays == nil && !s.ByFunc && (s.Guard != nil || s.Own || s.Strategy == "bit") {
			s.Bit = n
			n++
			asks = asks && (!s.Own || f.falseIn(s.Callee.Lit))
		}
	}
	switch {
	case n == 0:
	case f.Words.Shadowed:
		f.Mask = &Mask{Bits: n, Word: 31}
	default:
		f.Mask = &Mask{Bits: n, Word: 64, Bool: n == 1 && asks, Typed: true}
	}
}
