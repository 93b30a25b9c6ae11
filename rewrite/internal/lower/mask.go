package lower

import (
	"fmt"
	"go/ast"
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

// declare declares the variables of the mask. Those that have a first value, since
// the entry of first is pending at once, are statements in inits; the others are
// added to vars. Where m.Near, the site declares it.
func (m mask) declare(first *plan.Site, vars *[]string) (inits []string) {
	if m.Mask == nil || m.Near {
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

// comment says which bit stands for which call: "1: mu.Unlock(), 2: f.Close()".
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
	text := strings.Join(parts, ", ")
	if len(text) > maxLegend { // the guard says the same
		return ""
	}
	return text
}

// maxLegend is how many characters that comment may have.
const maxLegend = 100

// maxText is how many characters of a call stand in that comment.
const maxText = 24

// describe returns a short name for the call of s: "f.Close()", "onExit()".
func describe(s *plan.Site) string {
	c := s.Call
	switch {
	case c.Inline:
		return describeBody(s.Callee.Lit)
	case c.Thunk != nil:
		return c.Thunk.Name + "()"
	case c.Fun != nil:
		return c.Fun.Name + "()"
	case c.Recv != nil:
		return c.Recv.Name + "." + s.Callee.Sel.Sel.Name + "()"
	}
	return describeCall(s.Stmt.Call)
}

func describeCall(call *ast.CallExpr) string {
	if text := exprText(call); len(text) <= maxText || len(call.Args) == 0 {
		return text
	}
	return exprText(call.Fun) + "(...)"
}

// describeBody returns a short name for what a literal does, of which there is no call: the
// first call in it, or the first assignment.
func describeBody(lit *ast.FuncLit) (text string) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			text = describeCall(n)
		case *ast.AssignStmt:
			if _, isCall := ast.Unparen(n.Rhs[0]).(*ast.CallExpr); isCall || n.Tok != token.ASSIGN || len(n.Lhs) > 1 {
				break
			}
			if text = exprText(n.Lhs[0]) + " = " + exprText(n.Rhs[0]); len(text) > maxText {
				text = exprText(n.Lhs[0]) + " = ..."
			}
		}
		return text == ""
	})
	if text == "" || len(text) > 2*maxText {
		return "a literal"
	}
	return text
}

// bit returns the bit of s in its variable: "2", or "1<<9".
func (m mask) bit(s *plan.Site) string {
	n := s.Bit % m.Word
	if n < 8 && m.Bits <= 8 {
		return fmt.Sprint(1 << n)
	}
	return fmt.Sprintf("1<<%d", n)
}

// name returns the variable that has the bit of s.
func (m mask) name(s *plan.Site) string { return m.Names[s.Bit/m.Word] }

// set writes that the entry of s is pending: "active = 3" where the other bits are
// known, else "active |= 2".
func (m mask) set(t *template, s *plan.Site) {
	switch {
	case s.Bit < 0:
	case m.Near:
		t.add("%s := %s", m.name(s), m.words.True)
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

// known returns the value of the variable that has the bit of s where a is pending,
// if that leaves no doubt.
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

// test returns the condition that the entry of s is pending: "active&2 != 0".
func (m mask) test(s *plan.Site) string {
	if s.ByFunc {
		return s.Call.FuncName() + " != nil"
	}
	if m.Bool {
		return m.name(s)
	}
	return fmt.Sprintf("%s&%s != 0", m.name(s), paren(m.bit(s)))
}

// testNot returns the condition that it is not: "active&2 == 0".
func (m mask) testNot(s *plan.Site) string {
	switch {
	case s.ByFunc:
		return s.Call.FuncName() + " == nil"
	case m.Bool:
		return "!" + m.name(s)
	}
	return fmt.Sprintf("%s&%s == 0", m.name(s), paren(m.bit(s)))
}

// clears reports whether the exits clear a bit of s.
func (m mask) clears(s *plan.Site) bool { return s.Guard != nil && s.Bit >= 0 && !s.Own && !s.ByFunc }

// clearForCall writes, for the guard, that the entry of s is done, before its call.
// left is what is pending behind that. A literal that is its own guard notes it
// itself.
func (m mask) clearForCall(t *template, s *plan.Site, left analysis.Active) {
	if !s.Own {
		m.clear(t, s, left)
	}
}

// clear writes, for the guard, that the entry of s is done: "active = 1" where the
// other bits are known from left, else "active &^= 2".
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

// clearForGuard writes the same in a guard, where nothing is known of the other bits.
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

// anyBit returns the condition that a bit of g is set in the variable with this index
// and name: "active&6 != 0"; none where g has no bit in it.
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

// sets returns the variable of the mask to which s gives a constant, or "".
func (m mask) sets(s dst.Stmt) string {
	if as, ok := s.(*dst.AssignStmt); !ok || as.Tok != token.ASSIGN && as.Tok != token.DEFINE || !m.changes(s) {
		return ""
	}
	return s.(*dst.AssignStmt).Lhs[0].(*dst.Ident).Name
}

// changes reports whether s is an assignment to a variable of the mask, and nothing else.
func (m mask) changes(s dst.Stmt) bool {
	as, ok := s.(*dst.AssignStmt)
	if !ok || m.Mask == nil || len(as.Lhs) != 1 {
		return false
	}
	id, ok := as.Lhs[0].(*dst.Ident)
	return ok && slices.Contains(m.Names, id.Name)
}
