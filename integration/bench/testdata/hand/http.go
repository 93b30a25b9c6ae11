package fn

import (
	"io"
	"net/http"
	"sync"

	"bench/env"
)

// HTTP is a handler under the usual middleware.
func HTTP(log *env.Log) http.Handler {
	s := &httpServer{log: log, hits: make(map[string]int)}
	return httpRecovering(s.counting(s.tracing(http.HandlerFunc(s.echo))))
}

type httpServer struct {
	log  *env.Log
	mu   sync.Mutex
	hits map[string]int
}

func httpRecovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
	})
}

func (s *httpServer) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count(r.URL.Path)
		next.ServeHTTP(w, r)
	})
}

func (s *httpServer) count(path string) {
	s.mu.Lock()
	s.hits[path]++
	s.mu.Unlock()
}

func (s *httpServer) tracing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := env.Work(0)
		next.ServeHTTP(w, r)
		s.log.Note(env.Work(1) - start)
	})
}

func (s *httpServer) echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		r.Body.Close()
		return
	}
	w.Write(body)
	r.Body.Close()
}
