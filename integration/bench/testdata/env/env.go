// Package env is what the functions under measurement work with. Its calls are
// cheap and not inlined, so that the cost of deferring them shows. It has no
// defer statement.
package env

import "sync"

// A Log folds all that happens into one number that depends on the order.
type Log struct{ sum uint64 }

//go:noinline
func (l *Log) Note(i int) { l.sum = l.sum*31 + uint64(i) }

// Sum is all that was noted.
func (l *Log) Sum() uint64 { return l.sum }

//go:noinline
func (l *Log) Acquire(i int) { l.sum = l.sum*33 + uint64(i) }

//go:noinline
func (l *Log) Release(i int) { l.sum = l.sum*31 + uint64(i) }

// Close makes Log a Closer.
//
//go:noinline
func (l *Log) Close() error {
	l.sum = l.sum*31 + 7
	return nil
}

// A Closer is what frames close that do not know its type.
type Closer interface{ Close() error }

// A File is something that is opened and closed.
type File struct {
	log *Log
	id  int
}

//go:noinline
func (f *File) Close() error {
	f.log.Note(f.id)
	return nil
}

// Read does the work.
//
//go:noinline
func (f *File) Read(i int) int { return f.id ^ i }

// A Dir has files that were made before.
type Dir struct {
	files []File
	Log   *Log
}

// NewDir makes a directory of n files.
func NewDir(log *Log, n int) *Dir {
	d := &Dir{make([]File, n), log}
	for i := range d.files {
		d.files[i] = File{log, i}
	}
	return d
}

//go:noinline
func (d *Dir) Open(i int) *File { return &d.files[i] }

// Locks makes n locks.
func Locks(n int) []sync.Mutex { return make([]sync.Mutex, n) }

// Work takes a moment.
//
//go:noinline
func Work(i int) int { return i*7 + 3 }

// Failed is false for all that is not negative.
//
//go:noinline
func Failed(i int) bool { return i < 0 }

// A Cache is a map under a lock.
type Cache struct {
	Mu sync.Mutex
	M  map[string]int
}

// NewCache makes a cache with some keys.
func NewCache() *Cache {
	return &Cache{M: map[string]int{"a": 1, "b": 2, "c": 3, "d": 4}}
}

// Keys are those of a new cache, their number a power of two.
var Keys = []string{"a", "b", "c", "d"}

// IDs are the numbers of n files.
func IDs(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = n - 1 - i
	}
	return ids
}

// A Node is part of a tree.
type Node struct {
	ID          int
	Left, Right *Node
}

// Tree makes a tree of a depth.
func Tree(depth int) *Node {
	if depth == 0 {
		return nil
	}
	return &Node{depth, Tree(depth - 1), Tree(depth - 1)}
}

// A Pool keeps one thing that can be used again.
type Pool[T any] struct{ Free []T }

//go:noinline
func (p *Pool[T]) Get() T {
	x := p.Free[len(p.Free)-1]
	p.Free = p.Free[:len(p.Free)-1]
	return x
}

//go:noinline
func (p *Pool[T]) Put(x T) { p.Free = append(p.Free, x) }
