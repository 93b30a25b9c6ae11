// Package browser clicks through the pages of dedefer report and dedefer serve, and
// the playground without a server, in a real Chromium. It is a module of its own, so
// that nobody else needs what drives the browser.
//
//	go test . -v
//
// Without chromium on PATH the tests are skipped. They look at what a page holds, and
// fail for any error on its console and anything that it asks the network for.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "write the screenshots of the docs to this directory")

// dedefer is the command, built once.
var dedefer = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dedefer-browser-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "dedefer.exe")
	cmd := exec.Command("go", "build", "-o", name, "./cmd/dedefer")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %v\n%s", err, out)
	}
	return name, nil
})

const root = "../.."

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if name, err := dedefer(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

// run runs dedefer in dir.
func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	name, err := dedefer()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dedefer %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// write makes files below a new directory.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A tab is a page in a browser of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex
	wrong []string
}

// open opens url in a new browser of that size. allowed are the beginnings of URLs
// that the page may ask for.
func open(t *testing.T, url string, width, height int, allowed ...string) *tab {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("there is no chromium on PATH")
	}
	profile, err := os.MkdirTemp("", "dedefer-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // which a browser that just ended may still write to
	alloc, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.WindowSize(width, height),
		chromedp.Flag("headless", true), chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(2*time.Minute))
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	p := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			p.complain(ev.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if ev.Entry.Level == log.LevelError {
				p.complain(ev.Entry.Text + " " + ev.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			u := ev.Request.URL
			ok := strings.HasPrefix(u, "data:") || strings.HasPrefix(u, "blob:") || strings.HasPrefix(u, "file:")
			for _, a := range allowed {
				ok = ok || strings.HasPrefix(u, a)
			}
			if !ok {
				p.complain("asks for " + u)
			}
		}
	})
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, w := range p.wrong {
			t.Errorf("the page: %s", w)
		}
	})
	p.do(log.Enable(), network.Enable(), performance.Enable().WithTimeDomain(performance.EnableTimeDomainThreadTicks), chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Navigate(url))
	return p
}

func (p *tab) complain(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, text)
}

// do acts, and waits patiently: the machine may be busy.
func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	// Not with a context of its own: its end would be the browser's, in the first call.
	done := make(chan error, 1)
	go func() { done <- chromedp.Run(p.ctx, actions...) }()
	select {
	case err := <-done:
		if err != nil {
			p.t.Fatal(err)
		}
	case <-time.After(3 * time.Minute):
		p.t.Fatal("the browser does not answer")
	}
}

// eval returns the value of an expression.
func eval[T any](p *tab, expr string) (v T) {
	p.t.Helper()
	p.do(chromedp.Evaluate(expr, &v))
	return v
}

// until waits for an expression to become true.
func (p *tab) until(expr string) {
	p.t.Helper()
	for start := time.Now(); time.Since(start) < 2*time.Minute; time.Sleep(50 * time.Millisecond) {
		if eval[bool](p, "Boolean("+expr+")") {
			return
		}
	}
	p.t.Fatalf("it does not become true: %s", expr)
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(selector, chromedp.ByQuery))
}

// point moves the pointer over the first element that a selector finds.
func (p *tab) point(selector string) {
	p.t.Helper()
	p.do(chromedp.ScrollIntoView(selector, chromedp.ByQuery))
	box := eval[[]float64](p, fmt.Sprintf("(r => [r.x + Math.min(r.width / 2, 60), r.y + r.height / 2])(document.querySelector(%q).getBoundingClientRect())", selector))
	p.do(chromedp.MouseEvent("mouseMoved", box[0], box[1]))
}

func (p *tab) key(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// slash goes to the filter, which the character itself does not reach from a keyboard.
func (p *tab) slash() {
	p.t.Helper()
	p.key("/")
	p.until("document.activeElement.id === 'filter'")
	p.do(clear("#filter"))
}

// shot writes a screenshot for the docs, where they are wanted.
func (p *tab) shot(name string) {
	p.t.Helper()
	if *shots == "" {
		return
	}
	var png []byte
	p.do(chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(filepath.Join(*shots, name), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// dark sets what the page takes for the system's colours.
func (p *tab) dark(yes bool) {
	p.t.Helper()
	value := "light"
	if yes {
		value = "dark"
	}
	p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}))
}

// thread returns how many milliseconds the page's own thread has worked: on a busy
// machine, much less than have passed.
func (p *tab) thread() (ms float64) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		metrics, err := performance.GetMetrics().Do(ctx)
		for _, m := range metrics {
			if m.Name == "ThreadTime" {
				ms = m.Value * 1000
			}
		}
		return err
	}))
	return ms
}

func fileURL(name string) string { return "file://" + filepath.ToSlash(name) }
