//dedefer:tag dedefer
//go:build !dedefer

package spool

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestSpool(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "spool"))
	var all sync.WaitGroup
	for _, m := range []string{"a", "b", "c"} {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := s.Append(m, m+m); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	if err := s.Append("x", "more\nlines"); err == nil {
		t.Error("a message of two lines is no error")
	}
	if err := s.Take(func(m string) { panic(m) }); err == nil || !strings.Contains(err.Error(), "handling") {
		t.Errorf("with a panic: %v", err)
	}
	var got []string
	for range 2 { // it is empty then
		if err := s.Take(func(m string) { got = append(got, m) }); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(got)
	if want := []string{"a", "aa", "b", "bb", "c", "cc"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
