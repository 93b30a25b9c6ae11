package dedefer

// A Panic is the panic or the Goexit that unwinds a frame while the frame's
// pending entries run. A nil *Panic stands for a normal exit.
type Panic struct {
	value  interface{}
	active bool // panicking, and not recovered yet; false throughout a Goexit
	raised bool // the current entry has called Raise
	done   bool // no entry is pending any more
}

// Recover is what a deferred literal calls in place of the builtin recover. It
// ends the panic and returns its value. At a normal exit, in a Goexit, and
// when the panic was recovered before, it returns nil.
func (p *Panic) Recover() interface{} {
	if p == nil || !p.active {
		return nil
	}
	p.active = false
	return p.value
}

// Native runs an entry whose callee might itself call the builtin recover,
// which only works in a function that a native panic calls. So f defers the
// call and panics again:
//
//	p.Native(func() {
//		defer callee(args)
//		p.Raise()
//	})
func (p *Panic) Native(f func()) {
	f()
	p.Recover() // f returned: if p was active, the callee recovered it
}

// Raise panics again with the value of p, if p is still active.
func (p *Panic) Raise() {
	if p != nil && p.active {
		p.raised = true
		panic(p.value)
	}
}

// Land runs the pending entries of a frame in which an entry may recover. The
// frame's guard calls it while a panic or a Goexit unwinds the frame; v is
// what recover returned in the guard, nil in a Goexit. A panic that no entry
// recovers is raised again.
//
// step runs the newest pending entry and reports whether there was one. It
// marks an entry as done before calling it, so that none runs twice. What it
// is given is never nil.
func Land(v interface{}, step func(*Panic) bool) {
	p := new(Panic)
	p.become(v)
	p.run(step)
	if p.active {
		panic(p.value) // without Raise: what a panic costs in the end is the frames on the stack
	}
}

// Guard is a frame's guard where a literal cannot be, because the package has
// something else that is called recover. It must be deferred itself:
//
//	defer dedefer.Guard(pending, step)
//
// pending reports whether any entry is pending; step is as for Land.
func Guard(pending func() bool, step func(*Panic) bool) {
	if pending() {
		Land(recover(), step)
	}
}

// run runs the pending entries. What is still active then is to be raised.
func (p *Panic) run(step func(*Panic) bool) {
	defer func() {
		if !p.done {
			p.run(step) // a Goexit unwinds the frame now
			p.Raise()
		}
	}()
	for p.runOne(step) {
	}
	p.done = true
}

// runOne runs the newest pending entry. If that panics or calls Goexit, this
// replaces p.
func (p *Panic) runOne(step func(*Panic) bool) (more bool) {
	returned := false
	defer func() {
		if returned {
			return
		}
		old := p.value
		p.become(recover())
		switch {
		case !p.active:
			// A Goexit. It goes on, so run is about to see it.
		case p.raised && same(old, p.value):
			// Native panicked with old, and the callee let it pass.
			more = true
		default:
			// A new panic. Ending it here would take where it came from off
			// the stack that the other entries see, so they run on top of it.
			p.run(step)
			p.Raise()
		}
	}()
	p.raised = false
	more = step(p)
	returned = true
	return more
}

// become makes p the panic or Goexit for which recover returned v.
func (p *Panic) become(v interface{}) {
	p.value = v
	p.active = v != nil || nilPanic != nil && nilPanic()
}

// nilPanic tells a panic from a Goexit where recover returned nil. It is set
// by nilpanic.go in a program in which panic(nil) is real. In others it stays
// nil, and only a Goexit makes recover return nil.
var nilPanic func() bool

// same reports whether a and b are equal. Values that cannot be compared are
// not.
func same(a, b interface{}) (equal bool) {
	defer func() { recover() }()
	return a == b
}
