package lower

import (
	"fmt"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A store writes the code that keeps the entries of a cycle: "Cycles" in
// ../../doc.go. There is one for each plan.Layout.
type store interface {
	declare() (vars, views []string)                 // its variables, and slices of them
	pending() string                                 // the condition that there is an entry
	empty() string                                   // the condition that there is none
	push(t *template, s *plan.Site, fields []string) // adds an entry of s
	pop(t *template, guard bool)                     // takes the newest entry off, and makes its call: at an exit, or in a guard
	nth(t *template, index string, guard bool)       // makes the call of the entry with this index
}

// records is what all stores have in common.
type records struct {
	*plan.Records
	calls *calls
}

func (r records) declare() (vars, views []string) { return nil, nil }

func (r records) pending() string { return r.Number + " > 0" }

func (r records) empty() string { return r.Number + " == 0" }

// elem returns an element for an entry of s: its one field, or "entry{f: f, n: n}".
func (r records) elem(s *plan.Site, fields []string) string {
	if r.Scalar {
		return fields[0]
	}
	return r.Type + "{" + strings.Join(r.tagged(s, fields), ", ") + "}"
}

// tagged puts before fields which site the entry is of, if there are several.
func (r records) tagged(s *plan.Site, fields []string) []string {
	if len(r.Sites) > 1 && s.Tag > 0 {
		return append([]string{fmt.Sprintf("site: %d", s.Tag)}, fields...)
	}
	return fields
}

// take moves the element at an index to the variable for it, and releases what it
// keeps alive:
//
//	f := fs[pending]
//	fs[pending] = nil
func (r records) take(t *template, index string) {
	t.add("%s := %s[%s]", r.Elem, r.Name, index)
	if r.Zero != "" {
		t.add("%s[%s] = %s", r.Name, index, r.Zero)
	}
}

// nth releases what the entry keeps alive, where it does, and calls it.
func (r records) nth(t *template, index string, guard bool) {
	if r.Zero == "" {
		r.at(t, index, guard)
		return
	}
	r.take(t, index)
	r.call(t, guard)
}

// at calls the entry with this index, which keeps nothing alive.
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

// call calls the entry that the variable for one element holds.
func (r records) call(t *template, guard bool) {
	r.callWith(t, guard, func(tmp *plan.Temp) dst.Expr {
		if r.Scalar {
			return dst.NewIdent(r.Elem)
		}
		return &dst.SelectorExpr{X: dst.NewIdent(r.Elem), Sel: dst.NewIdent(tmp.Field)}
	})
}

// callWith calls the entry of the site that its tag tells; ref says how to write an
// operand.
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
