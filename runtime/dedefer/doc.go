/*
Package dedefer is what lowered code calls while a panic or a Goexit unwinds
it. Code that the tool dedefer has lowered runs its deferred calls itself, so
at a normal exit nothing here is called.

# Words

An entry is a deferred call that is pending; the entries of a frame are its
chain, and run newest first. An exit is a place where a function ends normally.
The guard is the one deferred function that a lowered frame keeps, because only
a function that Go itself defers runs when a panic passes.

# The guard

A frame such as

	func (s *store) put(k, v string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.check(k)
		s.m[k] = v
	}

becomes

	func (s *store) put(k, v string) {
		s.mu.Lock()
		var active uint8 // 1: s.mu.Unlock()
		defer func() {
			if active != 0 {
				dedefer.Run(func() bool {
					if active == 0 {
						return false
					}
					active = 0
					s.mu.Unlock()
					return true
				})
			}
		}()
		active = 1
		s.check(k)
		s.m[k] = v
		active = 0
		s.mu.Unlock()
	}

At the exit nothing is pending any more, and the guard does nothing. When check
panics or calls runtime.Goexit, the guard has Run call the function literal,
here called step, until it returns false. Step marks an entry as done, then
runs it; an entry that panics or calls Goexit is therefore over, and Run goes on
with the others. The panic is not recovered on the way. It stays in progress,
as it does while Go runs deferred calls.

# Entries that recover

Recover works only in a function that a panic itself calls, and an entry is
called by step. So where an entry may recover, the guard recovers for all, and
passes the value on in a Panic. The hidden parameter of a deferred literal is
that Panic, nil at a normal exit. So

	func (p *parser) parse(s string) (n int, err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("parse: %v", r)
			}
		}()
		return p.mustParse(s), nil
	}

becomes

	func (p *parser) parse(s string) (n int, err error) {
		p.mu.Lock()
		active := uint8(1) // 1: p.mu.Unlock(), 2: onExit()
		var onExit func(*dedefer.Panic)
		//dedefer:guard
		defer func() {
			if active != 0 {
				dedefer.Land(recover(), func(p2 *dedefer.Panic) bool {
					switch {
					case active&2 != 0:
						active &^= 2
						onExit(p2)
					case active&1 != 0:
						active &^= 1
						p.mu.Unlock()
					default:
						return false
					}
					return true
				})
			}
		}()
		onExit = func(p1 *dedefer.Panic) {
			if r := p1.Recover(); r != nil {
				err = fmt.Errorf("parse: %v", r)
			}
		}
		active = 3
		n, err = p.mustParse(s), nil
		active = 1
		onExit(nil)
		active = 0
		p.mu.Unlock()
		return
	}

(A deferred literal that is all there is in a function needs none of this: it is
deferred itself, and first asks whether it is pending.)

When an entry has called Recover, Land returns, then the guard, and Go makes
parse return to its caller. When none has, Land panics again with the same
value. Land keeps to what Go does when entries themselves panic:

  - A panic in an entry replaces the one in progress. The remaining entries
    see the new value.
  - A Goexit in an entry ends the panic in progress. The remaining entries
    have nothing to recover.
  - A panic in an entry during a Goexit can be recovered by a later entry, and
    the Goexit then goes on.
  - A panic that an entry raises and recovers within itself changes nothing.

All of them run on top of the panic, so that the stack seen from an entry shows
where it came from. (After a Recover it shows that still, where Go would have
removed it.)

# Callees that cannot be seen

A deferred call through an interface or a function value might reach a function
that recovers. At an exit it is a plain call. In step, an entry for

	defer h.Done(x)

is

	p.Native(func() {
		defer h.Done(x)
		p.Raise()
	})

Raise panics again, so that h.Done is called by a panic as it expects. Native
returns if h.Done recovered, or if there was no panic to raise. If the panic
came through, Land takes note and goes on with the next entry.

# Where recover is something else

In a package that declares something of its own called recover, the guard
cannot call the builtin. Guard does it instead, as a deferred function:

	defer dedefer.Guard(func() bool { return active != 0 }, step)

# panic(nil)

Since Go 1.21 recover returns nil in a guard only during a Goexit. Programs
with go 1.20 or older in go.mod, or with the setting panicnil=1, can really
panic with nil. Their copy of this package has a file nilpanic.go, which looks
on the stack to see whether a panic or a Goexit called the guard.

# Old toolchains

Up to Go 1.21, Go forgets a Goexit when during it a deferred function panics,
another recovers that and panics again, and a frame further out recovers. Land
panics again in the same way, so there an entry that panics during a Goexit can
make the goroutine go on.
*/
package dedefer
