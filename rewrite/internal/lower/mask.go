package lower

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A mask writes the bits that tell what is pending: "Exits" and "The guard" in
// ../../doc.go.
//
//	active := uint8(1) // 1: mu.Unlock(), 2: f.Close()
//	...
//	active |= 2
//	...
//	if active&2 != 0 {
type mask struct {
	*plan.Mask // nil where no site has a bit
	sites      []*plan.Site
	words      plan.Words
}

// declare declares the mask: as statements where it has a first value,
// else among vars.
func (m mask) declare(first *plan.Site, vars *[]string) (inits []string) {
	if m.Mask == nil {
		return nil
	}
	for i, name := range m.Names {
		initial := first != nil && first.Bit >= 0 && first.Bit/m.Word == i
		comment := ""
		if text := m.comment(); text != "" && i == 0 {
			comment = " // " + text
		}
		switch {
		case m.Bool && initial:
			inits = append(inits, name+" := true")
		case m.Bool:
			*vars = append(*vars, name+" bool")
		case !m.Typed:
			init := "0"
			if initial {
				init = m.bit(first)
			}
			inits = append(inits, name+" := "+init)
		case initial:
			inits = append(inits, fmt.Sprintf("%s := %s(%s)%s", name, m.Type(i), m.bit(first), comment))
		default:
			*vars = append(*vars, name+" "+m.Type(i)+comment)
		}
	}
	return inits
}

// comment says which bit stands for which call.
func (m mask) comment() string {
	if m.Bool || m.Bits > 8 {
		return ""
	}
	var parts []string
	for _, s := range m.sites {
		if s.Bit >= 0 {
			parts = append(parts, m.bit(s)+": "+describe(s))
		}
	}
	return strings.Join(parts, ", ")
}

// describe names a call in a few characters.
func describe(s *plan.Site) string {
	c := s.Call
	switch {
	case c.Thunk != nil:
		return c.Thunk.Name + "()"
	case c.Fun != nil:
		return c.Fun.Name + "()"
	case c.Recv != nil:
		return c.Recv.Name + "." + s.Callee.Sel.Sel.Name + "()"
	}
	if text := exprText(s.Stmt.Call); len(text) <= 24 {
		return text
	}
	return exprText(s.Callee.Fun) + "(...)"
}

// bit writes the bit of s in its variable of the mask.
func (m mask) bit(s *plan.Site) string {
	n := s.Bit % m.Word
	if n < 8 && m.Bits <= 8 {
		return fmt.Sprint(1 << n)
	}
	return fmt.Sprintf("1<<%d", n)
}

func (m mask) name(s *plan.Site) string { return m.Names[s.Bit/m.Word] }

// set notes that the entry of s is pending.
func (m mask) set(t *template, s *plan.Site) {
	switch {
	case s.Bit < 0:
	case m.Bool:
		t.add("%s = %s", m.name(s), m.words.True)
	default:
		after := analysis.Active{May: s.Before.May.Clone(), Must: s.Before.Must.Clone()}
		after.May.Set(s.Index)
		after.Must.Set(s.Index)
		if value, known := m.known(s, after); known {
			t.add("%s = %s", m.name(s), value)
			return
		}
		t.add("%s |= %s", m.name(s), m.bit(s))
	}
}

// known writes the value of the variable that holds s's bit, where the active
// set leaves no doubt about it.
func (m mask) known(s *plan.Site, a analysis.Active) (string, bool) {
	var value uint64
	for _, other := range m.sites {
		if other.Bit < 0 || other.Bit/m.Word != s.Bit/m.Word {
			continue
		}
		may, must := a.May.Has(other.Index), a.Must.Has(other.Index)
		if may != must {
			return "", false
		}
		if must {
			value |= 1 << (other.Bit % m.Word)
		}
	}
	if m.Bits > 8 && value != 0 {
		return "", false
	}
	return fmt.Sprint(value), true
}

// test writes the condition that the entry of s is pending.
func (m mask) test(s *plan.Site) string {
	if s.ByFunc {
		return s.Call.FuncName() + " != nil"
	}
	if m.Bool {
		return m.name(s)
	}
	return fmt.Sprintf("%s&%s != 0", m.name(s), paren(m.bit(s)))
}

// testNot writes the condition that it is not.
func (m mask) testNot(s *plan.Site) string {
	switch {
	case s.ByFunc:
		return s.Call.FuncName() + " == nil"
	case m.Bool:
		return "!" + m.name(s)
	}
	return fmt.Sprintf("%s&%s == 0", m.name(s), paren(m.bit(s)))
}

// clearForCall notes, for the guard, that the entry of s is done, where its call
// follows. left is what is pending behind it. A literal that is its own guard
// notes that itself.
func (m mask) clearForCall(t *template, s *plan.Site, left analysis.Active) {
	if !s.Own {
		m.clear(t, s, left)
	}
}

// clear notes, for the guard, that the entry of s is done.
func (m mask) clear(t *template, s *plan.Site, left analysis.Active) {
	if s.Guard == nil && !s.Own || s.Bit < 0 && !s.ByFunc { // nobody asks again
		return
	}
	if s.ByFunc {
		t.add("%s = nil", s.Call.FuncName())
		return
	}
	switch value, known := m.known(s, left); {
	case m.Bool:
		t.add("%s = %s", m.name(s), m.words.False)
	case known:
		t.add("%s = %s", m.name(s), value)
	default:
		t.add("%s &^= %s", m.name(s), m.bit(s))
	}
}

func (m mask) clearForGuard(t *template, s *plan.Site) {
	switch {
	case s.ByFunc:
		t.add("%s = nil", s.Call.FuncName())
	case m.Bool:
		t.add("%s = %s", m.name(s), m.words.False)
	case m.Bits == 1:
		t.add("%s = 0", m.name(s))
	default:
		t.add("%s &^= %s", m.name(s), m.bit(s))
	}
}

// anyBit writes the condition that one of g's bits is set in the variable with
// this index and name, if it has any.
func (m mask) anyBit(g *plan.Guard, index int, name string) []string {
	var bits uint64
	others := false
	for _, s := range m.sites {
		switch {
		case s.Bit < 0 || s.Bit/m.Word != index:
		case s.Guard == g:
			bits |= 1 << (s.Bit % m.Word)
		default:
			others = true
		}
	}
	switch {
	case bits == 0:
		return nil
	case m.Bool:
		return []string{name}
	case !others:
		return []string{name + " != 0"}
	case m.Bits > 8:
		return []string{fmt.Sprintf("%s&%#x != 0", name, bits)}
	}
	return []string{fmt.Sprintf("%s&%d != 0", name, bits)}
}

// sets returns the variable of the mask that s sets to a constant, or "".
func (m mask) sets(s dst.Stmt) string {
	if m.Mask == nil {
		return ""
	}
	as, ok := s.(*dst.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 {
		return ""
	}
	id, ok := as.Lhs[0].(*dst.Ident)
	if !ok || !slices.Contains(m.Names, id.Name) {
		return ""
	}
	return id.Name
}
