package plan

// Record is the strategy for a site in a cycle: each entry is a record that belongs
// to the frame. One store serves all sites of a cycle, so that its order is the order
// of the entries.
var Record = &Strategy{Name: "record"}

func record(f *Func, s *Site) (Reasons, bool) {
	if s.Cycle < 0 {
		return nil, false
	}
	if len(s.Loops) == 0 {
		return because(InGotoLoop), true
	}
	l := s.Loops[len(s.Loops)-1]
	return f.becauseAt(l.Stmt.Pos(), InLoop), true
}
