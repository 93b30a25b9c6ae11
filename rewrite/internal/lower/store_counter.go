package lower

import "github.com/dedefer/dedefer/rewrite/internal/plan"

// A counter counts entries that have nothing to keep: plan.Counter.
type counter struct{ records }

func (c counter) push(t *template, s *plan.Site, _ []string) { t.add("%s++", s.Records.Number) }

func (c counter) pop(t *template, guard bool) {
	t.add("%s--", c.Number)
	c.call(t, guard)
}

func (c counter) nth(t *template, _ string, guard bool) { c.call(t, guard) }
