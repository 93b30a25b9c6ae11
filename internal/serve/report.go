package serve

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/dedefer/dedefer/internal/report"
)

// A Report is made again when a source has changed.
type Report struct {
	// Make makes the page, and tells which files and directories it depends on.
	Make func(ctx context.Context) (page *report.Page, watch []string, err error)

	mu    sync.Mutex
	html  []byte
	made  string // the version that html is of
	watch []string
}

// page answers with the page as the sources are now.
func (r *Report) page(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := version(r.watch); r.html == nil || now != r.made {
		r.make(req.Context())
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(r.html) // who asked may be gone
}

func (r *Report) make(ctx context.Context) {
	page, watch, err := r.Make(ctx)
	if len(watch) > 0 {
		r.watch = watch
	}
	r.made = version(r.watch)
	var b bytes.Buffer
	if err == nil {
		page.Live = "/version"
		err = report.Write(&b, page)
	}
	switch {
	case ctx.Err() != nil: // the browser does not wait any more: next time
		r.html = nil
	case err != nil:
		r.html = fmt.Appendf(nil, failed, html.EscapeString(err.Error()))
	default:
		r.html = b.Bytes()
	}
}

// failed is the page about packages with errors.
const failed = `<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>dedefer</title>
<body style="font:14px/1.5 system-ui,sans-serif;margin:2em"><h1 style="font-size:18px">These packages have errors</h1>
<pre style="white-space:pre-wrap">%s</pre><p>The page comes when they are gone. <a href="/play">Playground</a>
<script>
(async () => {
	const ask = async () => (await fetch("/version")).text();
	const first = await ask();
	for (;;) {
		await new Promise(r => setTimeout(r, 1500));
		try { if (await ask() !== first) location.reload(); } catch { /* stopped, or busy */ }
	}
})();
</script>`

// version answers with a text that changes when a source does.
func (r *Report) version(w http.ResponseWriter, _ *http.Request) {
	r.mu.Lock()
	watch := r.watch
	r.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, version(watch))
}

// version sums up the files, and what is in the directories, of a list.
func version(watch []string) string {
	h := fnv.New64a()
	one := func(name string) {
		if info, err := os.Stat(name); err == nil {
			fmt.Fprintln(h, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	for _, name := range slices.Sorted(slices.Values(watch)) {
		one(name)
		files, _ := filepath.Glob(filepath.Join(name, "*.go"))
		for _, f := range files {
			one(f)
		}
	}
	return fmt.Sprintf("%x", h.Sum64())
}
