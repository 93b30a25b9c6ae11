package plan

import "github.com/dedefer/dedefer/rewrite/internal/analysis"

// findIdle finds the sites whose calls do nothing, and leaves them out of what is
// pending: literals without statements, and for -unwind=none those that do nothing where
// recover returns nil:
//
//	defer func() {
//		if r := recover(); r != nil {
//			err = fmt.Errorf("recovered: %v", r)
//		}
//	}()
//
// So do guards that an earlier rewriting left, in which nothing is pending at an exit.
//
// The literal stays in the text, as the value of a blank assignment, where what it
// uses would not be used without it.
func findIdle(d *draft) {
	idle := analysis.NewBits(len(d.Sites))
	for _, s := range d.Sites {
		if s.Idle = doesNothing(d, s); s.Idle {
			idle.Set(s.Index)
		}
	}
	for _, s := range d.Sites {
		s.Before = s.Site.Before.Without(idle)
	}
	for _, e := range d.Func.Func.Exits {
		active := e.Active.Without(idle)
		d.Exits = append(d.Exits, &Exit{Exit: e, Active: active, Runs: active.May.Clone()})
	}
}

func doesNothing(d *draft, s *Site) bool {
	lit := s.Callee.Lit
	switch {
	case s.empty():
		return true
	case d.opts.Native:
		return false
	}
	return s.Marked || s.Callee.Builtin == "recover" || lit != nil && onlyRecovers(d.info, s.Callee)
}

// empty reports whether s calls a literal without statements.
func (s *Site) empty() bool { return s.Callee.Lit != nil && len(s.Callee.Lit.Body.List) == 0 }
