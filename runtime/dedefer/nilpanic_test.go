//go:build dedefer_nilpanic

//go:debug panicnil=1

package dedefer_test

import (
	"runtime"

	"github.com/dedefer/dedefer/runtime/dedefer"
)

func init() {
	ways = append(ways, panickingNil)

	plain := []*kind{
		{name: "panics with nil", native: func(r *run, i int) { panicNil() }},
		{
			name: "exits, and panics with nil in that",
			native: func(r *run, i int) {
				defer panicNil()
				runtime.Goexit()
			},
		},
		{
			name: "panics with nil, and exits in that",
			native: func(r *run, i int) {
				defer runtime.Goexit()
				panicNil()
			},
		},
		{
			name: "recovers its own panic with nil",
			native: func(r *run, i int) {
				defer func() { r.say("own", i, recover()) }()
				panicNil()
			},
		},
	}
	recovering := []*kind{
		{
			name:   "recovers, then panics with nil",
			native: recoverThenPanicNil,
			lowered: func(r *run, i int, p *dedefer.Panic) {
				r.say("recover", i, p.Recover())
				panicNil()
			},
		},
	}
	unseen := []*kind{
		{name: "unseen: panics with nil", native: plain[0].native, unseen: true},
		{name: "unseen: recovers, then panics with nil", native: recoverThenPanicNil, unseen: true},
		{name: "unseen: exits, and panics with nil in that", native: plain[1].native, unseen: true},
	}
	crashes["panic(nil)"] = crashProgram{named("unseen: nothing"), panickingNil, "panic: nil", 2}

	plainKinds = append(plainKinds, plain...)
	allKinds = join(plainKinds, recoveringKinds, unseenKinds, recovering, unseen)
	coreKinds = named(
		"nothing",
		"panics",
		"exits",
		"recovers its own panic",
		"recovers",
		"recovers, then panics",
		"unseen: nothing",
		"unseen: recovers",
		"panics with nil",
		"exits, and panics with nil in that",
		"recovers, then panics with nil",
		"unseen: panics with nil",
	)
}

func recoverThenPanicNil(r *run, i int) {
	r.say("recover", i, recover())
	panicNil()
}
