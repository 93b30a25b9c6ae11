package driver

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"bench/env"
	"bench/fn"
)

// HTTP serves a request by a handler under the usual middleware: recovery,
// counting under a lock, and tracing.
//
//bench:sites 4
func HTTP(n int) (sum uint64) {
	var log env.Log
	h := fn.HTTP(&log)
	text := strings.Repeat("body ", 20)
	body := strings.NewReader(text)
	req := httptest.NewRequest("POST", "/echo", body)
	w := httptest.NewRecorder()
	for range n {
		body.Reset(text)
		w.Body.Reset()
		h.ServeHTTP(w, req)
		if w.Code == http.StatusOK {
			sum += uint64(w.Body.Len())
		}
	}
	return sum + log.Sum()
}
