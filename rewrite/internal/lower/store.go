package lower

import (
	"fmt"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A store writes the code that keeps the entries of a cycle. There is one for
// each plan.Layout.
type store interface {
	declare() (vars, views []string)                 // its variables, and slices of them
	pending() string                                 // the condition that there is an entry
	empty() string                                   // the condition that there is none
	push(t *template, s *plan.Site, fields []string) // adds an entry of s
	pop(t *template, guard bool)                     // takes the newest entry off, and makes its call: at an exit, or in a guard
}

func (cs *calls) store(r *plan.Records) store {
	s := records{r, cs}
	return [...]store{
		plan.Counter: counter{s},
		plan.Steady:  steady{s},
		plan.Array:   array{s},
		plan.Slice:   slice{s},
		plan.List:    list{s},
	}[r.Layout]
}

// popAll runs the entries of a cycle at an exit.
func (cs *calls) popAll(t *template, st store) {
	if s, ok := st.(slice); ok && s.Sites[0].Guard == nil && s.Zero == "" {
		s.walk(t)
		return
	}
	t.add("for %s {", st.pending())
	st.pop(t, false)
	t.add("}")
}

// records is what all stores have in common.
type records struct {
	*plan.Records
	calls *calls
}

func (r records) declare() (vars, views []string) { return nil, nil }

func (r records) pending() string { return r.Number + " > 0" }

func (r records) empty() string { return r.Number + " == 0" }

// elem writes an element with the fields of an entry of s.
func (r records) elem(s *plan.Site, fields []string) string {
	if r.Scalar {
		return fields[0]
	}
	return r.Type + "{" + strings.Join(r.tagged(s, fields), ", ") + "}"
}

// tagged puts in front of fields which site the entry is of, if there are
// several.
func (r records) tagged(s *plan.Site, fields []string) []string {
	if len(r.Sites) > 1 && s.Tag > 0 {
		return append([]string{fmt.Sprintf("site: %d", s.Tag)}, fields...)
	}
	return fields
}

// take makes the element at an index the variable Elem, and releases what it
// keeps alive.
func (r records) take(t *template, index string) {
	t.add("%s := %s[%s]", r.Elem, r.Name, index)
	if r.Zero != "" {
		t.add("%s[%s] = %s", r.Name, index, r.Zero)
	}
}

// at calls the entry with this index, where nothing has to be released.
func (r records) at(t *template, index string, guard bool) {
	if !r.Scalar {
		t.add("%s := %s[%s]", r.Elem, r.Name, index)
		r.call(t, guard)
		return
	}
	r.callWith(t, guard, func(*plan.Temp) dst.Expr {
		return &dst.IndexExpr{X: dst.NewIdent(r.Name), Index: dst.NewIdent(index)}
	})
}

// call makes the call of the entry that Elem holds.
func (r records) call(t *template, guard bool) {
	r.callWith(t, guard, func(tmp *plan.Temp) dst.Expr {
		if r.Scalar {
			return dst.NewIdent(r.Elem)
		}
		return &dst.SelectorExpr{X: dst.NewIdent(r.Elem), Sel: dst.NewIdent(tmp.Field)}
	})
}

func (r records) callWith(t *template, guard bool, ref func(*plan.Temp) dst.Expr) {
	if len(r.Sites) == 1 {
		r.callSite(t, r.Sites[0], guard, ref)
		return
	}
	t.add("switch %s.site {", r.Elem)
	for _, s := range r.Sites {
		t.add("case %d:", s.Tag)
		r.callSite(t, s, guard, ref)
	}
	t.add("}")
}

func (r records) callSite(t *template, s *plan.Site, guard bool, ref func(*plan.Temp) dst.Expr) {
	if guard && s.Callee.Builtin == "recover" { // as in stepEntry
		return
	}
	defer t.as(t.site(s))
	t.add("%s", r.calls.callStmt(t, s, nil, r.calls.call(s, ref)))
}

// A counter counts entries that have nothing to keep.
type counter struct{ records }

func (c counter) push(t *template, s *plan.Site, _ []string) { t.add("%s++", s.Records.Number) }

func (c counter) pop(t *template, guard bool) {
	t.add("%s--", c.Number)
	c.call(t, guard)
}

// An array has room for all entries.
type array struct{ records }

func (a array) declare() (vars, views []string) {
	return []string{fmt.Sprintf("%s [%d]%s", a.Name, a.Len, a.Type)}, nil
}

func (a array) push(t *template, s *plan.Site, fields []string) {
	index := s.Records.Number
	if s.Store != nil && len(s.Records.Sites) > 1 {
		index = fmt.Sprintf("%s/%d", index, len(s.Records.Sites))
	}
	if a.Promise != "" {
		t.add("if %s == %d {\npanic(%q)\n}", index, a.Len, a.Promise)
	}
	t.add("%s[%s] = %s\n%s++", a.Name, index, a.elem(s, fields), s.Records.Number)
}

func (a array) pop(t *template, guard bool) {
	t.add("%s--", a.Number)
	if a.Zero == "" {
		a.at(t, a.Number, guard)
		return
	}
	a.take(t, a.Number)
	a.call(t, guard)
}

// A slice grows.
type slice struct{ records }

func (s slice) declare() (vars, views []string) {
	if s.Room == 0 {
		return []string{s.Name + " []" + s.Type}, nil
	}
	return []string{fmt.Sprintf("%s [%d]%s", s.Buf, s.Room, s.Type)}, []string{fmt.Sprintf("%s := %s[:0]", s.Name, s.Buf)}
}

func (s slice) pending() string { return fmt.Sprintf("len(%s) > 0", s.Name) }

func (s slice) empty() string { return fmt.Sprintf("len(%s) == 0", s.Name) }

func (s slice) push(t *template, site *plan.Site, fields []string) {
	t.add("%s = append(%s, %s)", s.Name, s.Name, s.elem(site, fields))
	if n := site.Records.Number; n != "" {
		t.add("%s++", n)
	}
}

func (s slice) pop(t *template, guard bool) {
	s.take(t, fmt.Sprintf("len(%s)-1", s.Name))
	t.add("%s = %s[:len(%s)-1]", s.Name, s.Name, s.Name)
	s.call(t, guard)
}

// walk makes all calls, where nothing looks at the slice again, and nothing in
// it keeps anything alive.
func (s slice) walk(t *template) {
	i := s.Index
	t.add("for %s := len(%s) - 1; %s >= 0; %s-- {", i, s.Name, i, i)
	s.at(t, i, false)
	t.add("}")
}

// A list links records, without append and len.
type list struct{ records }

func (l list) declare() (vars, views []string) { return []string{l.Name + " *" + l.Type}, nil }

func (l list) push(t *template, s *plan.Site, fields []string) {
	fields = append([]string{"next: " + l.Name}, l.tagged(s, fields)...)
	t.add("%s = &%s{%s}\n%s++", l.Name, l.Type, strings.Join(fields, ", "), s.Records.Number)
}

func (l list) pop(t *template, guard bool) {
	t.add("%s--\n%s := %s\n%s = %s.next", l.Number, l.Elem, l.Name, l.Name, l.Elem)
	l.call(t, guard)
}

// Steady sites take turns: every iteration passes them all, and each has a store of
// its own.
type steady struct{ records }

func (st steady) push(*template, *plan.Site, []string) {} // each has a store of its own

func (st steady) pop(t *template, guard bool) {
	k, index := st.Iterations, st.Number
	t.add("%s--", st.Number)
	if k.Iteration != "" {
		t.add("%s := %s / %d", k.Iteration, st.Number, len(st.Sites))
		index = k.Iteration
	}
	if k.Name != "" {
		t.add("%s := %s", k.Name, k.Value)
	}
	if len(st.Sites) == 1 {
		st.popSite(t, st.Sites[0], index, guard)
		return
	}
	t.add("switch %s %% %d {", st.Number, len(st.Sites))
	for i, s := range st.Sites {
		t.add("case %d:", i)
		st.popSite(t, s, index, guard)
	}
	t.add("}")
}

func (st steady) popSite(t *template, s *plan.Site, index string, guard bool) {
	r := records{s.Store, st.calls}
	switch {
	case r.Layout == plan.Counter:
		r.call(t, guard)
	case r.Zero == "":
		r.at(t, index, guard)
	default:
		r.take(t, index)
		r.call(t, guard)
	}
}
