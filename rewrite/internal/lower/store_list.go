package lower

import (
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A list links records, without append and len: plan.List.
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
