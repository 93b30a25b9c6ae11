package dedefer

// Run runs the pending entries of a frame in which no entry can recover. The
// frame's guard calls it while a panic or a Goexit unwinds the frame, which
// stays in progress: nothing is raised again, and a crash prints what it would
// print without lowering.
//
// step runs the newest pending entry and reports whether there was one. It
// marks an entry as done before calling it, so that none runs twice.
func Run(step func() bool) {
	done := false
	defer func() {
		if !done {
			// An entry panicked or called Goexit, and that unwinds the frame
			// now. As in Go, the other entries run on top of it.
			Run(step)
		}
	}()
	for step() {
	}
	done = true
}

// Bool is bool, for functions in which that name means something else.
type Bool = bool
