package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/internal/playground"
	"github.com/dedefer/dedefer/internal/report"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// start serves until the test ends, and returns the server's URL without the last
// slash.
func start(t *testing.T, s *Server) string {
	t.Helper()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(30 * time.Second):
			t.Error("it does not stop")
		}
	})
	return "http://" + l.Addr().String()
}

func post(t *testing.T, url string, v any, header ...string) (int, []byte) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return do(t, req, header...)
}

func do(t *testing.T, req *http.Request, header ...string) (int, []byte) {
	t.Helper()
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestListen(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:80", "example.com:80", "[::]:0", "8080", "localhost"} {
		if l, err := Listen(addr); err == nil {
			l.Close()
			t.Errorf("%s was taken", addr)
		}
	}
	for _, addr := range []string{"localhost:0", "127.0.0.1:0", ":0"} {
		l, err := Listen(addr)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.HasPrefix(l.Addr().String(), "127.0.0.1:") {
			t.Errorf("%s listens at %s", addr, l.Addr())
		}
		l.Close()
	}
}

// TestStrangers checks that pages from elsewhere get nothing, also where a host name
// of theirs leads here.
func TestStrangers(t *testing.T) {
	url := start(t, &Server{Dir: t.TempDir(), Run: true})
	port := url[strings.LastIndex(url, ":"):]
	program := playground.Request{Src: "package main\n\nfunc main() {}\n"}
	for _, test := range []struct {
		header []string
		status int
	}{
		{nil, 200},
		{[]string{"Origin", url}, 200},
		{[]string{"Host", "localhost" + port, "Origin", "http://localhost" + port}, 200},
		{[]string{"Host", "evil.example" + port}, 403},
		{[]string{"Host", "127.0.0.1.evil.example" + port}, 403},
		{[]string{"Host", "127.0.0.1:1"}, 403},
		{[]string{"Origin", "http://evil.example"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Origin", "https" + strings.TrimPrefix(url, "http")}, 403},
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Content-Type", "text/plain"}, 415},
	} {
		for _, path := range []string{"/lower", "/run"} {
			if path == "/run" && test.status == 200 {
				continue // it takes long
			}
			if status, body := post(t, url+path, program, test.header...); status != test.status {
				t.Errorf("%s with %q: %d %s, want %d", path, test.header, status, body, test.status)
			}
		}
	}
	req, err := http.NewRequest(http.MethodGet, url+"/play", nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := do(t, req, "Host", "evil.example"); status != 403 {
		t.Errorf("the page is there for evil.example: %d", status)
	}
}

func TestBadRequests(t *testing.T) {
	url := start(t, &Server{Dir: t.TempDir()})
	if status, _ := post(t, url+"/lower", strings.Repeat("x", 2<<20)); status != 400 {
		t.Errorf("two megabytes: %d", status)
	}
	if status, _ := post(t, url+"/lower", 1); status != 400 {
		t.Errorf("a number: %d", status)
	}
	if status, _ := post(t, url+"/run", playground.Request{}); status != 404 {
		t.Errorf("/run without -run: %d", status)
	}
}

// TestRun runs programs that want too much.
func TestRun(t *testing.T) {
	url := start(t, &Server{Dir: t.TempDir(), Run: true})
	for _, test := range []struct{ name, body, how, output string }{
		{"prints", "\tdefer println(1)\n\tprintln(2)\n", "exit status 0", "2\n1\n"},
		{"exits", "\tdefer println(1)\n\tos.Exit(3)\n", "exit status 3", ""},
		{"output", "\tdefer println(1)\n\tfor {\n\t\tprintln(\"x\")\n\t}\n", "stopped after 64 kB of output", ""},
		{"time", "\tdefer println(1)\n\tselect {\n\tcase <-time.After(time.Hour):\n\t}\n", "stopped after 10s", ""},
	} {
		if test.name == "time" && testing.Short() {
			continue
		}
		src := "package main\n\nimport (\n\t\"os\"\n\t\"time\"\n)\n\nvar _, _ = os.Args, time.Now\n\nfunc main() {\n" + test.body + "}\n"
		status, body := post(t, url+"/run", playground.Request{Src: src})
		var got RunResponse
		if err := json.Unmarshal(body, &got); err != nil || status != 200 || got.Before == nil {
			t.Errorf("%s: %d %s", test.name, status, body)
			continue
		}
		if got.Before.How != test.how || got.After.How != test.how || test.output != "" && got.Before.Output != test.output {
			t.Errorf("%s: %+v, %+v", test.name, got.Before, got.After)
		}
		if test.output != "" && !got.Same {
			t.Errorf("%s: %+v is not %+v", test.name, got.Before, got.After)
		}
	}
}

// TestLive changes a source under the report.
func TestLive(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.go")
	if err := os.WriteFile(name, []byte("package a\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	made := 0
	r := &Report{Make: func(context.Context) (*report.Page, []string, error) {
		made++
		return &report.Page{Title: "title " + strings.Repeat("I", made), Report: &lowering.Report{}}, []string{dir, name}, nil
	}}
	url := start(t, &Server{Dir: dir, Report: r})
	get := func(path string) string {
		req, err := http.NewRequest(http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, body := do(t, req)
		if status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		return string(body)
	}
	for range 2 {
		if !strings.Contains(get("/"), "<title>title I - dedefer") {
			t.Error("the page is made again though nothing changed")
		}
	}
	before := get("/version")
	if err := os.WriteFile(filepath.Join(dir, "b.go"), []byte("package a\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if get("/version") == before {
		t.Error("the version is still the same")
	}
	if !strings.Contains(get("/"), "<title>title II - dedefer") {
		t.Error("the page is stale")
	}
}
