package lower

import (
	"fmt"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// A slice grows: plan.Slice.
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

// walk makes all calls in one loop, and reports true, where nothing looks at the
// slice again and nothing in it keeps anything alive.
func (s slice) walk(t *template) bool {
	if s.Sites[0].Guard != nil || s.Zero != "" {
		return false
	}
	i := s.Index
	t.add("for %s := len(%s) - 1; %s >= 0; %s-- {", i, s.Name, i, i)
	s.at(t, i, false)
	t.add("}")
	return true
}
