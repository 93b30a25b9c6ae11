// Package nopanic proves that neither a panic nor a Goexit comes out of a piece
// of code. A function needs no guard where that holds of everything that may
// run while calls are pending:
//
//	func (s *Store) Get(key string) int {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		return s.find(key)
//	}
//
// Unlock does not panic, and s is not nil once s.mu has been used. For the call
// of find the proof goes on in its body, and leaves a summary (prover.go): that
// find is total, given that certain of its parameters are not nil. Where find is
// in another package of the program, that one was worked on before, and its
// summary is all that is left of it. So
//
//	func (s *Store) find(key string) int {
//		if i, ok := s.index[key]; ok {
//			return i
//		}
//		return -1
//	}
//
// is total if s is not nil, and Get becomes
//
//	func (s *Store) Get(key string) int {
//		s.mu.Lock()
//		result := s.find(key)
//		s.mu.Unlock()
//		return result
//	}
//
// Functions that call one another, or themselves, are not looked through: what is
// found must not depend on where the search begins. Nor is a function whose file
// other builds leave out: they may have another one in its place. Of the standard
// library only export data is at hand; std.go has a list of functions.
//
// The walk follows the structure of the source (stmt.go, expr.go, call.go, which call
// one another as statements and expressions hold one another). It keeps what
// it learns about variables that never change (fact.go): a pointer through which
// an earlier statement went is not nil, nor one that has been compared with nil;
// the index of "for i := range s" is in range for s. What is known where a function literal
// stands holds in the literal, whenever that runs (frame.go). And nothing is pending behind a
// statement list that has the defer statements and returns:
//
//	if cached {
//		defer mu.Unlock()
//		return find()
//	}
//	load() // may panic: no guard is needed for that
//
// What it cannot decide is an obstacle (obstacle.go), and the first one is reported with its position.
//
// Fatal errors are no panics: an unlock too many, a map that is used by two
// goroutines at once, a stack or a memory that is exhausted. They end the
// program, and run no deferred calls.
package nopanic
