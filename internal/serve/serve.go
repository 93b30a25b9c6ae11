// Package serve shows, to a browser on the same machine, the report about a module
// as it is now, and a playground.
package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/dedefer/dedefer/internal/playground"
	"github.com/dedefer/dedefer/internal/playground/web"
)

// A Server answers on one address.
type Server struct {
	Report *Report // nil: there is only a playground
	Run    bool    // programs may be run
	Dir    string  // where imports are resolved

	world  *world
	runner chan struct{} // holds one token: one program runs at a time
}

// Listen opens addr, which has to be on the loopback interface.
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%s: want an address such as 127.0.0.1:8080", addr)
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s: it serves this machine only: want a loopback address such as 127.0.0.1:8080", addr)
	}
	return net.Listen("tcp", net.JoinHostPort(host, port))
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.world = newWorld(s.Dir)
	s.runner = make(chan struct{}, 1)
	srv := &http.Server{
		Handler:           guarded(l.Addr(), s.handler()),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err := srv.Shutdown(wait); err != nil {
			srv.Close()
		}
		stopped <- nil
	})
	err := srv.Serve(l)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// guarded lets only requests through that were meant for this server, by a page of
// its own: a page from elsewhere sends its own origin, and one whose host name was
// made to lead here sends that name.
func guarded(addr net.Addr, next http.Handler) http.Handler {
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		panic(err) // of a listener
	}
	var hosts, origins []string
	for _, name := range []string{"127.0.0.1", "localhost", "[::1]", hostOf(addr)} {
		hosts = append(hosts, name+":"+port)
		origins = append(origins, "http://"+name+":"+port)
		if port == "80" {
			hosts, origins = append(hosts, name), append(origins, "http://"+name)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
		switch {
		case !slices.Contains(hosts, r.Host):
			http.Error(w, "dedefer: this host name is not its own", http.StatusForbidden)
		case origin != "" && !slices.Contains(origins, origin),
			site == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate",
			site == "cross-site" && r.Method != http.MethodGet:
			http.Error(w, "dedefer: another origin may not ask", http.StatusForbidden)
		default:
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("X-Frame-Options", "DENY")
			w.Header().Set("Referrer-Policy", "no-referrer")
			w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
			w.Header().Set("Cache-Control", "no-store")
			next.ServeHTTP(w, r)
		}
	})
}

func hostOf(addr net.Addr) string {
	host, _, _ := net.SplitHostPort(addr.String())
	if net.ParseIP(host).To4() == nil {
		return "[" + host + "]"
	}
	return host
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	if s.Report != nil {
		mux.HandleFunc("GET /{$}", s.Report.page)
		mux.HandleFunc("GET /version", s.Report.version)
	} else {
		mux.Handle("GET /{$}", http.RedirectHandler("/play", http.StatusFound))
	}
	mux.HandleFunc("GET /play", s.play)
	mux.HandleFunc("POST /lower", answer(func(_ context.Context, req playground.Request) any { return s.world.Lower(req) }))
	if s.Run {
		mux.HandleFunc("POST /run", answer(s.run))
	}
	return mux
}

// engine asks the server.
const engine = `<script>
(() => {
	const ask = path => async request => {
		const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request) });
		if (!r.ok) throw new Error(await r.text());
		return r.json();
	};
	dedeferEngine({ lower: ask("/lower")%s });
})();
</script>`

func (s *Server) play(w http.ResponseWriter, _ *http.Request) {
	run := ""
	if s.Run {
		run = `, run: ask("/run")`
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := &web.Page{Engine: fmt.Sprintf(engine, run), Server: true, Report: s.Report != nil}
	if err := page.Write(w); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// answer reads a request of at most a megabyte, and writes what f says to it.
func answer(f func(context.Context, playground.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != "application/json" { // a form of another page cannot say that
			http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
			return
		}
		var req playground.Request
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&req); err != nil {
			http.Error(w, "the request: "+err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(f(r.Context(), req)) // who asked may be gone
	}
}
