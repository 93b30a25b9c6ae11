//dedefer:tag dedefer
//go:build !dedefer

package spool

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
)

// A Spool is a file of messages, one on each line.
type Spool struct {
	mu   sync.Mutex
	name string
}

// Open returns the spool in the named file, which need not exist yet.
func Open(name string) *Spool { return &Spool{name: name} }

// Append adds messages behind those that are there.
func (s *Spool) Append(messages ...string) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.OpenFile(s.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	unlock, err := lock(f)
	if err != nil {
		return err
	}
	defer unlock()
	w := bufio.NewWriter(f)
	for _, m := range messages {
		if strings.Contains(m, "\n") {
			return fmt.Errorf("message %q has more than one line", m)
		}
		fmt.Fprintln(w, m)
	}
	return w.Flush()
}

// Take calls handle for each message, then empties the spool. If handle
// panics, that is the error, and the spool stays as it is.
func (s *Spool) Take(handle func(string)) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.OpenFile(s.name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	unlock, err := lock(f)
	if err != nil {
		return err
	}
	defer unlock()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("handling %s: %v", s.name, v)
		}
	}()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		handle(lines.Text())
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return f.Truncate(0)
}
