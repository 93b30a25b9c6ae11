package plan

import (
	"fmt"

	"github.com/dedefer/dedefer/rewrite/internal/analyse"
)

// A Guard is the one native deferred function that a frame keeps, for
// -unwind=native.
type Guard struct {
	Land   bool   // an entry may recover: the guard takes the panic over
	Param  string // name of the *Panic in the step function
	Reason string
}

// decideGuard keeps a guard where a panic or Goexit may find entries pending.
func (f *Func) decideGuard() {
	live := 0
	for _, s := range f.Sites {
		if !s.Dead {
			live++
		}
	}
	if !f.opts.Native || live == 0 {
		return
	}
	why, may := f.mayUnwind()
	if !may {
		f.NoGuard = why
		return
	}
	f.Guard = &Guard{Reason: why}
	for _, s := range f.Sites {
		if s.Dead {
			continue
		}
		switch s.Recovers.How {
		case analyse.Inside:
			f.Guard.land(fmt.Sprintf("the deferred literal at line %d recovers", f.line(s.Stmt.Pos())))
		case analyse.Maybe:
			f.Guard.land(fmt.Sprintf("of the call at line %d, %s", f.line(s.Stmt.Pos()), s.Recovers.Why))
		}
	}
}

func (g *Guard) land(why string) {
	if !g.Land {
		g.Land = true
		g.Reason += "; it takes the panic over: " + why
	}
}
