/*
Package dedefer is what lowered code calls while a panic or a Goexit unwinds
it. Code that the tool dedefer has lowered runs its deferred calls itself, so
at a normal exit nothing here is called.

# Words

An entry is a deferred call that is pending; the entries of a frame are its
chain, and run newest first. An exit is a place where a function ends normally.
A guard is a deferred function that a lowered frame keeps, because only a
function that Go itself defers runs when a panic passes.

# The guard

A frame such as

	func (s *store) put(k, v string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.log.begin(k)
		defer s.log.end(k)
		s.m[k] = v
	}

becomes

	func (s *store) put(k, v string) {
		s.mu.Lock()
		active := uint8(1) // 1: s.mu.Unlock(), 2: s.log.end(k)
		//dedefer:guard
		defer func() {
			if active != 0 {
				dedefer.Run(func() bool {
					switch {
					case active&2 != 0:
						active &^= 2
						s.log.end(k)
					case active&1 != 0:
						active &^= 1
						s.mu.Unlock()
					default:
						return false
					}
					return true
				})
			}
		}()
		s.log.begin(k)
		active = 3
		s.m[k] = v
		active = 1
		s.log.end(k)
		active = 0
		s.mu.Unlock()
	}

At the exit nothing is pending any more, and the guard does nothing. When begin
panics or calls runtime.Goexit, the guard has Run call the function literal,
here called step, until it returns false. Step marks an entry as done, then
runs it; an entry that panics or calls Goexit is therefore over, and Run goes on
with the others. The panic is not recovered on the way. It stays in progress,
as it does while Go runs deferred calls.

# What recovers

Recover works only in a function that a panic itself calls, and an entry is
called by step. So no guard runs what may recover. Such a call stays deferred,
between the guards of what is older and of what is newer, and Go runs each in
its turn. A literal that recovers can be called at an exit all the same: it is
deferred, and first asks whether it is pending.

Where a guard has one entry, it calls that itself, without Run.
*/
package dedefer
