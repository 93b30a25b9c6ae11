package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

const module = "module example.com/shelf\n\ngo 1.25\n"

const shelf = `package shelf

import (
	"io"
	"os"
	"sync"
)

// A Shelf has books.
type Shelf struct {
	mu    sync.Mutex
	books map[string]int
}

// Count returns how many there are of a book.
func (s *Shelf) Count(title string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books[title]
}

// Save copies what r has to a file; with sync, it is on the disk then.
func Save(name string, r io.Reader, sync bool) (n int64, err error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if sync {
		defer f.Sync()
	}
	return io.Copy(f, r)
}

// Clear removes files when all of them have been looked at.
func Clear(names []string, look func(string) bool) {
	for _, name := range names {
		if look(name) {
			defer os.Remove(name)
		}
	}
}
`

func shelfReport(t *testing.T) string {
	t.Helper()
	dir := write(t, map[string]string{"go.mod": module, "shelf.go": shelf})
	run(t, dir, "report", "-o", "page.html", "./...")
	return filepath.Join(dir, "page.html")
}

func TestReport(t *testing.T) {
	p := open(t, fileURL(shelfReport(t)), 1560, 900)
	p.until("document.documentElement.dataset.ready")
	if got := eval[string](p, "document.title"); got != "example.com/shelf - dedefer" {
		t.Errorf("title %q", got)
	}
	if got := eval[string](p, "document.querySelector('#count').textContent"); got != "3 functions" {
		t.Errorf("count %q", got)
	}
	if got := eval[string](p, "document.querySelector('#function h2').textContent"); got != "(*Shelf).Count" {
		t.Errorf("the first function is %q", got)
	}

	// The list leads to a function, and the address bar to it.
	p.click("#fn1")
	p.until("document.querySelector('#function h2').textContent === 'Save'")
	if got := eval[string](p, "location.hash"); got != "#shelf.go:23" {
		t.Errorf("link %q", got)
	}

	// Pointing at a statement lights up its calls, and back.
	p.point(`.cell.src[data-s="1.1"]`)
	p.until("document.querySelectorAll('.cell.src.lit').length === 1")
	for _, want := range []string{
		`[...document.querySelectorAll('.cell.out.lit[data-x]')].some(c => c.textContent.includes('Sync()'))`, // at the exit
		`document.querySelector('.card.lit[data-s="1.1"]')`,                                                   // why
		`document.querySelector('.card[data-x] li.lit')`,                                                      // in the order of calls
		`[...document.querySelectorAll('.cell.out.lit')].some(c => /\bactive|pending\b/.test(c.textContent))`, // its bit
	} {
		if !eval[bool](p, "Boolean("+want+")") {
			t.Errorf("not lit: %s", want)
		}
	}
	if eval[bool](p, `document.querySelector('.card.lit[data-s="1.0"]')`) {
		t.Error("another site is lit")
	}
	p.shot("report.png")
	p.point(`.cell.out[data-x][data-s="1.1"]`)
	p.until(`document.querySelector('.cell.src.lit[data-s="1.1"]')`)

	// Both guards are there for io.Copy: one card says so, and for which statements.
	if got := eval[string](p, `[...document.querySelectorAll('.card[data-g]')].map(c => c.innerText.split(/\s+/).join(' ')).join('; ')`); got != "36 io.Copy may panic or call Goexit for lines 28, 34" {
		t.Errorf("cards of guards: %q", got)
	}
	const guarded = `[...document.querySelectorAll('.cell.out.lit[data-g]')].map(c => c.textContent.trim()).filter(t => /\w/.test(t) && !t.startsWith('defer')).join(' ')`
	const (
		closes = "if active&1 != 0 { if cerr := f.Close(); err == nil { err = cerr"
		syncs  = "if active&2 != 0 { f.Sync()"
	)
	for _, test := range []struct{ at, want string }{
		{`.card[data-g] .at`, closes + " " + syncs},
		{`.card .ref[data-g="1.0"]`, closes},
		{`.card .ref[data-g="1.1"]`, syncs},
		{`.cell.out[data-g="1.0"]`, closes},
		{`.cell.out[data-g="1.1"]`, syncs},
	} {
		p.point(test.at)
		p.until(fmt.Sprintf("%s === %q", guarded, test.want))
		if !eval[bool](p, "document.querySelector('.card.lit[data-g]') && document.querySelector('.cell.src.lit').textContent.includes('io.Copy')") {
			t.Errorf("%s does not light up the card and what may panic", test.at)
		}
	}
	if got := eval[string](p, "[...document.querySelectorAll('.ref.lit')].map(r => r.textContent + ': ' + r.title).join()"); got != "34: f.Sync()" {
		t.Errorf("in the card, %q is lit", got)
	}

	// The graph, by key.
	p.key("g")
	p.until("document.querySelector('.graph svg')")
	if n := eval[int](p, "document.querySelectorAll('.graph path[marker-end]').length"); n < 4 {
		t.Errorf("%d edges", n)
	}
	if got := eval[string](p, "[...document.querySelectorAll('.graph .set')].map(t => t.textContent).join(' ')"); !strings.Contains(got, "{28, 34}") {
		t.Errorf("sets on edges: %s", got)
	}
	p.dark(true)
	p.shot("graph.png")
	p.dark(false)

	// Keys, a filter, the bar of strategies.
	p.key("g")
	p.key("j")
	p.until("document.querySelector('#function h2').textContent === 'Clear'")
	p.key("n")
	p.until("document.querySelector('.card.lit') && location.hash === '#shelf.go:43:4'")
	p.slash()
	p.key("count")
	p.until("document.querySelector('#count').textContent === '1 of 3 functions'")
	p.do(clear("#filter"))
	p.until("document.querySelector('#count').textContent === '3 functions'")
	p.click("#bar [data-strategy=record]")
	p.until("document.querySelector('#count').textContent === '1 of 3 functions'")

	// Dark, by hand, and a view of one side.
	p.do(blur())
	p.key("t")
	if got := eval[string](p, "document.documentElement.dataset.theme"); got != "dark" {
		t.Errorf("theme %q", got)
	}
	p.key("s")
	p.until("document.querySelector('.code.only-src')")

	// Help, which Escape closes.
	p.key("?")
	p.until("document.querySelector('#keys').open")
	p.key("\x1b")
	p.until("!document.querySelector('#keys').open")
}

// TestReportLink opens a link to a statement, on a narrow screen.
func TestReportLink(t *testing.T) {
	p := open(t, fileURL(shelfReport(t))+"#shelf.go:34:3", 400, 800)
	p.until("document.querySelector('.card.lit')")
	if got := eval[string](p, "document.querySelector('.card.lit code').textContent"); got != "defer f.Sync()" {
		t.Errorf("lit: %q", got)
	}
	if eval[bool](p, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("the page is wider than the screen")
	}

	// Paper has both sides, and is white.
	p.key("t")
	p.key("s")
	p.until("document.documentElement.dataset.theme === 'dark' && !document.querySelector('.only-out, .only-src')")
	p.do(emulation.SetEmulatedMedia().WithMedia("print"))
	p.until("getComputedStyle(document.querySelector('.code .row')).gridTemplateColumns.split(' ').length === 4")
	if got := eval[string](p, "getComputedStyle(document.querySelector('.card')).color"); got != "rgb(0, 0, 0)" {
		t.Errorf("on paper, text is %s", got)
	}
}

// TestReportLarge measures how long a page with 5,000 defer statements takes to open.
func TestReportLarge(t *testing.T) {
	files := map[string]string{"go.mod": module}
	_, body, _ := strings.Cut(shelf, "// A Shelf")
	head := "package %s\n\nimport (\n\t\"io\"\n\t\"os\"\n\t\"sync\"\n)\n\n// A Shelf"
	for p := range 50 {
		for k := range 25 {
			text := fmt.Sprintf(head, fmt.Sprint("p", p)) + body
			for _, name := range []string{"Shelf", "Save", "Clear"} {
				text = strings.ReplaceAll(text, name, fmt.Sprint(name, k))
			}
			files[fmt.Sprintf("p%d/f%d.go", p, k)] = text
		}
	}
	dir := write(t, files)
	run(t, dir, "report", "-o", "page.html", "./...")
	info, err := os.Stat(filepath.Join(dir, "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, fileURL(filepath.Join(dir, "page.html")), 1500, 900)
	p.until("document.documentElement.dataset.ready")
	t.Logf("%s; %.1f MB; the first function was there after %s ms, for which its thread worked %.0f ms", eval[string](p, "document.querySelector('#totals').textContent"),
		float64(info.Size())/1e6, eval[string](p, "document.documentElement.dataset.ready"), p.thread())
	if n := eval[int](p, "document.querySelectorAll('.fn').length"); n > 100 {
		t.Errorf("%d rows of the list are drawn", n)
	}
	p.slash()
	p.key("save24 p49")
	p.until("document.querySelector('#count').textContent.startsWith('1 of ')")
	p.key("\r")
	p.until("document.querySelector('#function h2').textContent === 'Save24'")
}
