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

	func removeAll(names []string) {
		for _, name := range names {
			defer os.Remove(name)
		}
	}

becomes

	func removeAll(names []string) {
		var buf [16]string
		names1 := buf[:0]
		//dedefer:guard
		defer func() {
			if len(names1) > 0 {
				dedefer.Run(func() bool {
					if len(names1) == 0 {
						return false
					}
					name := names1[len(names1)-1]
					names1 = names1[:len(names1)-1]
					os.Remove(name)
					return true
				})
			}
		}()
		for _, name := range names {
			names1 = append(names1, name)
		}
		for len(names1) > 0 {
			name := names1[len(names1)-1]
			names1 = names1[:len(names1)-1]
			os.Remove(name)
		}
	}

At the exit nothing is pending any more, and the guard does nothing. When a panic or a
runtime.Goexit finds entries pending, the guard has Run call the function literal,
here called step, until it returns false. Step marks an entry as done, then
runs it; an entry that panics or calls Goexit is therefore over, and Run goes on
with the others. The panic is not recovered on the way. It stays in progress,
as it does while Go runs deferred calls. So it is where several defer statements
share a guard; where each has its own, that calls its entry without Run.

# What recovers

Recover works only in a function that a panic itself calls, and an entry is
called by step. So no guard runs what may recover. Such a call stays deferred,
between the guards of what is older and of what is newer, and Go runs each in
its turn. A literal that recovers can be called at an exit all the same: it is
deferred, and first asks whether it is pending.
*/
package dedefer
