package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/rewrite"
)

// TestServe serves a module until it is interrupted, which is no error.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/served\n\ngo 1.25\n",
		"a.go":   "package a\n\nfunc A() {\n\tdefer println()\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	r, w := io.Pipe()
	var stderr strings.Builder
	a := &app{stdout: w, stderr: &stderr, rewrite: rewrite.Rewrite}
	code := make(chan int, 1)
	go func() {
		code <- a.main(ctx, []string{"serve"})
		w.Close()
	}()
	url, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("no URL: %v, %s", err, &stderr)
	}
	for path, want := range map[string]string{"": "<title>example.com/served - dedefer</title>", "play": "<title>dedefer playground</title>"} {
		resp, err := http.Get(strings.TrimSpace(url) + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("/%s: no %s (%v)", path, want, err)
		}
	}
	interrupt()
	if c := <-code; c != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d, %s", c, &stderr)
	}
}
