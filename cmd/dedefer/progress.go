package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A progress shows on a terminal what is being done, once that takes longer
// than delay. All methods do nothing on a nil *progress.
type progress struct {
	w    io.Writer
	done chan struct{}
	wait sync.WaitGroup

	mu    sync.Mutex
	what  string
	shown bool
}

func newProgress(w io.Writer, delay time.Duration) *progress {
	p := &progress{w: w, done: make(chan struct{})}
	start := time.Now()
	p.wait.Go(func() {
		tick := time.NewTicker(delay)
		defer tick.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-tick.C:
				p.show(time.Since(start))
			}
		}
	})
	return p
}

func (p *progress) show(elapsed time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.what != "" {
		fmt.Fprintf(p.w, "\r\x1b[Kdedefer: %s (%d s)", p.what, int(elapsed.Seconds()))
		p.shown = true
	}
}

// stage says what is being done from now on.
func (p *progress) stage(what string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what = what
}

// counts says that something is being done from now on, and returns what is to be
// told how many packages are done, of all.
func (p *progress) counts(what string) func(done, all int) {
	p.stage(what)
	return func(done, all int) {
		p.stage(fmt.Sprintf("%s: %d of %d packages", what, done, all))
	}
}

// hide clears the line, for others to write there.
func (p *progress) hide() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// stop hides it for good.
func (p *progress) stop() {
	if p == nil {
		return
	}
	close(p.done)
	p.wait.Wait()
	p.hide()
}
