package plan

import "github.com/dedefer/dedefer/rewrite/internal/analysis"

// findIdle finds the sites whose calls do nothing, and leaves them out of what is
// pending. For -unwind=none these are literals that do nothing where recover returns
// nil:
//
//	defer func() {
//		if r := recover(); r != nil {
//			err = fmt.Errorf("recovered: %v", r)
//		}
//	}()
//
// The literal stays in the text, as the value of a blank assignment, so that what it
// uses is used.
func findIdle(d *draft) {
	idle := analysis.NewBits(len(d.Sites))
	for _, s := range d.Sites {
		if d.opts.Native {
			break
		}
		lit := s.Callee.Lit
		if s.Callee.Builtin != "recover" && (lit == nil || !onlyRecovers(d.info, s.Callee)) {
			continue
		}
		s.Idle = true
		idle.Set(s.Index)
	}
	for _, s := range d.Sites {
		s.Before = s.Site.Before.Without(idle)
	}
	for _, e := range d.Func.Func.Exits {
		active := e.Active.Without(idle)
		d.Exits = append(d.Exits, &Exit{Exit: e, Active: active, Runs: active.May.Clone()})
	}
}
