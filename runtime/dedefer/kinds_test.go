package dedefer_test

import "runtime"

// A kind is a deferred call, once as Go has it and once as it is lowered.
type kind struct {
	name string

	// native is deferred by a native frame.
	native func(r *run, i int)

	// asks is the deferred literal of a lowered frame that recovers: it asks
	// first whether it is pending. Where it is nil, the callee is native in
	// lowered code, too.
	asks func(r *run, i int, pending *bool)

	// silent says that the literal does nothing where recover returns nil, so
	// that it is not called at an exit.
	silent bool

	// unseen says that the callee cannot be seen, so that it stays deferred.
	unseen bool
}

// plain reports whether a guard may run such an entry.
func (k *kind) plain() bool { return k.asks == nil && !k.unseen }

// over reports whether a literal is not pending, and else makes it so.
func over(pending *bool) bool {
	if !*pending {
		return true
	}
	*pending = false
	return false
}

// Kinds that the frames of tests and of other kinds name.
var (
	nothing = &kind{
		name:   "nothing",
		native: func(r *run, i int) { r.say("nothing", i, nil) },
	}
	panics = &kind{
		name: "panics",
		native: func(r *run, i int) {
			r.say("panic", i, nil)
			panic(value("entry", i))
		},
	}
	exits = &kind{
		name: "exits",
		native: func(r *run, i int) {
			r.say("exit", i, nil)
			runtime.Goexit()
		},
	}
	recovers = &kind{
		name:   "recovers",
		native: recoverOnce,
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			r.say("recover", i, recover())
		},
	}
	recoversSilently = &kind{
		name: "recovers silently",
		native: func(r *run, i int) {
			if v := recover(); v != nil {
				r.say("recover", i, v)
			}
		},
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			if v := recover(); v != nil {
				r.say("recover", i, v)
			}
		},
		silent: true,
	}
	recoversUnseen = &kind{name: "unseen: recovers", native: recoverOnce, unseen: true}
)

// Kinds whose callee cannot recover.
var plainKinds = []*kind{
	nothing,
	panics,
	exits,
	{
		name: "recovers its own panic",
		native: func(r *run, i int) {
			defer func() { r.say("own", i, recover()) }()
			panic(value("own", i))
		},
	},
	{
		name: "exits, and panics in that",
		native: func(r *run, i int) {
			defer func() { panic(value("in Goexit", i)) }()
			r.say("exit", i, nil)
			runtime.Goexit()
		},
	},
	{
		name: "panics, and exits in that",
		native: func(r *run, i int) {
			defer runtime.Goexit()
			panic(value("dropped", i))
		},
	},
	{
		name: "exits, panics in that, recovers that",
		native: func(r *run, i int) {
			defer func() { r.say("still exiting", i, recover()) }()
			defer func() { panic(value("in Goexit", i)) }()
			runtime.Goexit()
		},
	},
	{
		name: "recovers too deep",
		native: func(r *run, i int) {
			func() { r.say("called", i, recover()) }()
			func() {
				defer func() { r.say("deferred", i, recover()) }()
			}()
		},
	},
	{
		name: "runs frames of its own",
		native: func(r *run, i int) {
			r.say("inner", i, r.call([]frame{
				{segmented, []*kind{recovers, panics}},
				{run_, []*kind{nothing}},
			}, panicking))
		},
	},
}

// Kinds whose callee recovers and can be seen.
var recoveringKinds = []*kind{
	recovers,
	recoversSilently,
	{
		name:   "recovers, then panics",
		native: recoverThenPanic,
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			r.say("recover", i, recover())
			panic(value("after", i))
		},
	},
	{
		name:   "recovers, then exits",
		native: recoverThenExit,
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			r.say("recover", i, recover())
			runtime.Goexit()
		},
	},
	{
		name: "recovers twice",
		native: func(r *run, i int) {
			r.say("once", i, recover())
			r.say("twice", i, recover())
		},
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			r.say("once", i, recover())
			r.say("twice", i, recover())
		},
	},
	{
		name: "panics again with what it recovers",
		native: func(r *run, i int) {
			if v := recover(); v != nil {
				panic(v)
			}
		},
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			if v := recover(); v != nil {
				panic(v)
			}
		},
	},
	{
		name: "recovers its own panic, then the frame's",
		native: func(r *run, i int) {
			func() {
				defer func() { r.say("own", i, recover()) }()
				panic(value("own", i))
			}()
			r.say("recover", i, recover())
		},
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			func() {
				defer func() { r.say("own", i, recover()) }()
				panic(value("own", i))
			}()
			r.say("recover", i, recover())
		},
	},
	{
		// The deferred literal is itself a lowered frame.
		name: "recovers, then panics and recovers that",
		native: func(r *run, i int) {
			defer func() { r.say("inner", i, recover()) }()
			r.say("recover", i, recover())
			panic(value("after", i))
		},
		asks: func(r *run, i int, pending *bool) {
			if over(pending) {
				return
			}
			active := true
			inner := func() {
				if over(&active) {
					return
				}
				r.say("inner", i, recover())
			}
			defer inner()
			r.say("recover", i, recover())
			panic(value("after", i))
		},
	},
}

// Kinds whose callee cannot be seen.
var unseenKinds = []*kind{
	{name: "unseen: nothing", native: nothing.native, unseen: true},
	recoversUnseen,
	{name: "unseen: panics", native: panics.native, unseen: true},
	{name: "unseen: exits", native: exits.native, unseen: true},
	{name: "unseen: recovers, then panics", native: recoverThenPanic, unseen: true},
	{name: "unseen: recovers, then exits", native: recoverThenExit, unseen: true},
	{
		name: "unseen: exits, and panics alike in that",
		native: func(r *run, i int) {
			defer func() { panic("P") }()
			runtime.Goexit()
		},
		unseen: true,
	},
}

func recoverOnce(r *run, i int) { r.say("recover", i, recover()) }

func recoverThenPanic(r *run, i int) {
	r.say("recover", i, recover())
	panic(value("after", i))
}

func recoverThenExit(r *run, i int) {
	r.say("recover", i, recover())
	runtime.Goexit()
}

// coreKinds are those that make the most difference to one another. Chains of
// four of them always run.
var coreKinds = named(
	"nothing",
	"panics",
	"exits",
	"recovers its own panic",
	"exits, and panics in that",
	"recovers",
	"recovers silently",
	"recovers, then panics",
	"recovers, then exits",
	"unseen: nothing",
	"unseen: recovers",
	"unseen: panics",
	"unseen: exits, and panics alike in that",
)

var allKinds = join(plainKinds, recoveringKinds, unseenKinds)

func join(lists ...[]*kind) (all []*kind) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func named(names ...string) (kinds []*kind) {
	for _, name := range names {
		for _, k := range allKinds {
			if k.name == name {
				kinds = append(kinds, k)
			}
		}
	}
	if len(kinds) != len(names) {
		panic("no such kind")
	}
	return kinds
}
