package lower

import (
	"fmt"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// An array has room for all entries: plan.Array.
type array struct{ records }

func (a array) declare() (vars, views []string) {
	return []string{fmt.Sprintf("%s [%s]%s", a.Name, a.LenText, a.Type)}, nil
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
	a.nth(t, a.Number, guard)
}
